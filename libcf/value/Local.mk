# libcf room: value

# libcf room: field

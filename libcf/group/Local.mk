# libcf room: group

# libcf room: stream

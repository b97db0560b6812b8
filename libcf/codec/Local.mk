# libcf room: codec

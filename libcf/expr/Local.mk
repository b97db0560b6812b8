# libcf room: expr

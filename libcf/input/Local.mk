# libcf room: input

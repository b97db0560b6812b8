# libcf room: print

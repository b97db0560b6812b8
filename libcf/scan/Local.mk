# libcf room: scan

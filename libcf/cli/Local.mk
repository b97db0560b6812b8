# libcf room: cli

# libcf room: plugin

# libcf room: batch

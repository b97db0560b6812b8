# libcf room: json

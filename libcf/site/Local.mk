# libcf room: site

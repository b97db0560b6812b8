# libcf room: scan. Joins the library when the rooms below it (stream, input, account, site) are there.

# reader plug-in: zeek-conn
ZEEK_CONN_SOURCES = \
	plugins/readers/zeek-conn/json.c \
	plugins/readers/zeek-conn/map.c \
	plugins/readers/zeek-conn/row.c \
	plugins/readers/zeek-conn/tsv.c \
	plugins/readers/zeek-conn/zeek-conn.c \
	plugins/readers/zeek-conn/zeek.h
pkgplugins_LTLIBRARIES += plugins/readers/zeek-conn/zeek-conn.la
plugins_readers_zeek_conn_zeek_conn_la_SOURCES = $(ZEEK_CONN_SOURCES)
plugins_readers_zeek_conn_zeek_conn_la_LDFLAGS = $(AM_LDFLAGS) -module $(CF_MODULE_LDFLAGS)
plugins_readers_zeek_conn_zeek_conn_la_LIBADD = $(LIBCF)
dist_man7_MANS += plugins/readers/zeek-conn/zeek-conn.7

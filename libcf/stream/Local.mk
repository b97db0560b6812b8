# libcf room: stream
libcf_libcf_la_SOURCES += \
	libcf/stream/block.c libcf/stream/block.h \
	libcf/stream/cleanup.c libcf/stream/cleanup.h \
	libcf/stream/columns.c libcf/stream/columns.h \
	libcf/stream/emit.c libcf/stream/emit.h \
	libcf/stream/jsonput.c libcf/stream/jsonput.h \
	libcf/stream/outfile.c libcf/stream/outfile.h \
	libcf/stream/pool.c libcf/stream/pool.h \
	libcf/stream/provenance.c \
	libcf/stream/reader.c \
	libcf/stream/segments.c libcf/stream/segments.h \
	libcf/stream/source.c libcf/stream/source.h \
	libcf/stream/wire.h \
	libcf/stream/writer.c

# libcf room: input
libcf_libcf_la_SOURCES += \
	libcf/input/ahead.c \
	libcf/input/feed.c \
	libcf/input/gunzip.c \
	libcf/input/input.c \
	libcf/input/layer.h \
	libcf/input/source.c \
	libcf/input/splice.c \
	libcf/input/unzstd.c

# libcf room: join
libcf_libcf_la_SOURCES += \
	libcf/join/cols.c \
	libcf/join/dedupe.c \
	libcf/join/dedupe.h \
	libcf/join/digest.c \
	libcf/join/held.c \
	libcf/join/join.h \
	libcf/join/pairs.c \
	libcf/join/seen.c

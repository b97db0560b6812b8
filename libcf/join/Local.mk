# libcf room: join
libcf_libcf_la_SOURCES += \
	libcf/join/apply.c \
	libcf/join/build.c \
	libcf/join/carry.c \
	libcf/join/cols.c \
	libcf/join/dedupe.c \
	libcf/join/dedupe.h \
	libcf/join/digest.c \
	libcf/join/give.c \
	libcf/join/held.c \
	libcf/join/join.h \
	libcf/join/open.c \
	libcf/join/opener.c \
	libcf/join/pairs.c \
	libcf/join/parts.c \
	libcf/join/seen.c \
	libcf/join/stitch.c \
	libcf/join/stitch.h

# libcf room: base
libcf_libcf_la_SOURCES += \
	libcf/base/buf.c \
	libcf/base/diag.c \
	libcf/base/error.c \
	libcf/base/log.c \
	libcf/base/version.c

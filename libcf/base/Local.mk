# libcf room: base
libcf_libcf_la_SOURCES += \
	libcf/base/version.c

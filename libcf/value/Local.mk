# libcf room: value
libcf_libcf_la_SOURCES += \
	libcf/value/addr.c \
	libcf/value/names.c \
	libcf/value/number.c \
	libcf/value/time.c

# libcf room: json
libcf_libcf_la_SOURCES += \
	libcf/json/json.c \
	libcf/json/json.h \
	libcf/json/resync.c \
	libcf/json/scan.c \
	libcf/json/string.c

# libcf room: scan
libcf_libcf_la_SOURCES += \
	libcf/scan/growing.c \
	libcf/scan/item.c \
	libcf/scan/peek.c \
	libcf/scan/run.c \
	libcf/scan/scan.c \
	libcf/scan/scan.h \
	libcf/scan/source.c

# libcf room: site
libcf_libcf_la_SOURCES += \
	libcf/site/config.c \
	libcf/site/jsonline.c \
	libcf/site/jsonline.h \
	libcf/site/site.c \
	libcf/site/site.h

# libcf room: plugin
libcf_libcf_la_SOURCES += \
	libcf/plugin/load.c \
	libcf/plugin/module.h \
	libcf/plugin/settings.c \
	libcf/plugin/where.c \
	libcf/plugin/where.h

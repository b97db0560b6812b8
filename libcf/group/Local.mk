# libcf room: group
libcf_libcf_la_SOURCES += \
	libcf/group/add.c \
	libcf/group/group.c \
	libcf/group/group.h \
	libcf/group/intern.c \
	libcf/group/layout.c \
	libcf/group/local.c \
	libcf/group/merge.c \
	libcf/group/pack.c \
	libcf/group/parallel.c \
	libcf/group/rows.h \
	libcf/group/select.c \
	libcf/group/spill.c \
	libcf/group/table.c

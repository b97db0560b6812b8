# libcf room: sort
libcf_libcf_la_SOURCES += \
	libcf/sort/compare.c \
	libcf/sort/derive.c \
	libcf/sort/gather.c \
	libcf/sort/keys.c \
	libcf/sort/merge.c \
	libcf/sort/order.c \
	libcf/sort/parallel.c \
	libcf/sort/run.c \
	libcf/sort/sort.c \
	libcf/sort/sort.h \
	libcf/sort/store.c

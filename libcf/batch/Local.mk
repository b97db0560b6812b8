# libcf room: batch
libcf_libcf_la_SOURCES += \
	libcf/batch/batch.c \
	libcf/batch/compact.c \
	libcf/batch/compact.h \
	libcf/batch/dict.c \
	libcf/batch/rows.c \
	libcf/batch/schema.c \
	libcf/batch/vec.c

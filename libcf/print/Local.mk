# libcf room: print
libcf_libcf_la_SOURCES += \
	libcf/print/cell.c \
	libcf/print/escape.c \
	libcf/print/escape.h \
	libcf/print/fields.c \
	libcf/print/flow.c \
	libcf/print/put.c \
	libcf/print/put.h \
	libcf/print/rowprint.c \
	libcf/print/rows.c \
	libcf/print/rows.h \
	libcf/print/table.c

# libcf room: print. fields.c and flow.c join when the scan room does.
libcf_libcf_la_SOURCES += \
	libcf/print/cell.c \
	libcf/print/escape.c \
	libcf/print/escape.h \
	libcf/print/put.c \
	libcf/print/put.h \
	libcf/print/rowprint.c \
	libcf/print/rows.c \
	libcf/print/rows.h \
	libcf/print/table.c

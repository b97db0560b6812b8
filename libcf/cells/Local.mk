# libcf room: cells
libcf_libcf_la_SOURCES += \
	libcf/cells/cell.c \
	libcf/cells/cell.h \
	libcf/cells/columns.c \
	libcf/cells/delim.c \
	libcf/cells/maplog.c \
	libcf/cells/pattern.c \
	libcf/cells/row.c \
	libcf/cells/cells.h \
	libcf/cells/zone.c

# libcf room: json
libcf_libcf_la_SOURCES += \
	libcf/json/base64.c \
	libcf/json/brace.c \
	libcf/json/brace.h \
	libcf/json/check.c \
	libcf/json/check.h \
	libcf/json/json.c \
	libcf/json/json.h \
	libcf/json/resync.c \
	libcf/json/scan.c \
	libcf/json/jsonmap.c \
	libcf/json/jsonrec.c \
	libcf/json/jsonval.c \
	libcf/json/map.h \
	libcf/json/mapstep.c \
	libcf/json/mapwalk.c \
	libcf/json/mapwalk.h \
	libcf/json/mapwalk_avx2.c \
	libcf/json/rec.h \
	libcf/json/reclook.c \
	libcf/json/reclost.c \
	libcf/json/recobject.c \
	libcf/json/recwalk.c \
	libcf/json/string.c

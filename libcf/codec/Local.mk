# libcf room: codec
libcf_libcf_la_SOURCES += \
	libcf/codec/codec.h \
	libcf/codec/comp.c \
	libcf/codec/comp.h \
	libcf/codec/decode.h \
	libcf/codec/decode_addr.c \
	libcf/codec/decode_array.c \
	libcf/codec/decode_column.c \
	libcf/codec/decode_ops.h \
	libcf/codec/decode_string.c \
	libcf/codec/describe.c \
	libcf/codec/encode.c \
	libcf/codec/encode.h \
	libcf/codec/encode_addr.c \
	libcf/codec/encode_array.c \
	libcf/codec/encode_choose.c \
	libcf/codec/encode_pair.c \
	libcf/codec/encode_string.c \
	libcf/codec/format.h \
	libcf/codec/kernels.c \
	libcf/codec/kernels.h \
	libcf/codec/kernels_avx2.c

# libcf room: codec
libcf_libcf_la_SOURCES += libcf/codec/codec.h libcf/codec/plain.c

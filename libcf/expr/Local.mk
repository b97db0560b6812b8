# libcf room: expr
libcf_libcf_la_SOURCES += \
	libcf/expr/eval.c \
	libcf/expr/expr.h \
	libcf/expr/item.c \
	libcf/expr/judge.c \
	libcf/expr/kernel.c \
	libcf/expr/kernel.h \
	libcf/expr/kernel_avx2.c \
	libcf/expr/leaf.c \
	libcf/expr/lex.c \
	libcf/expr/literal.c \
	libcf/expr/name.c \
	libcf/expr/pair.c \
	libcf/expr/parse.c \
	libcf/expr/print.c \
	libcf/expr/run.c \
	libcf/expr/set.c \
	libcf/expr/text.c \
	libcf/expr/tree.c

# libcf room: cli
libcf_libcf_la_SOURCES += \
	libcf/cli/cli.h \
	libcf/cli/common.c \
	libcf/cli/completion.c \
	libcf/cli/help.c \
	libcf/cli/message.c \
	libcf/cli/open.c \
	libcf/cli/parse.c \
	libcf/cli/table.c

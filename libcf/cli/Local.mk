# libcf room: cli
libcf_libcf_la_SOURCES += \
	libcf/cli/cli.h \
	libcf/cli/common.c \
	libcf/cli/completion.c \
	libcf/cli/counts.c \
	libcf/cli/end.c \
	libcf/cli/flowsout.c \
	libcf/cli/help.c \
	libcf/cli/message.c \
	libcf/cli/open.c \
	libcf/cli/parse.c \
	libcf/cli/progress.c \
	libcf/cli/resume.c \
	libcf/cli/scan.c \
	libcf/cli/stats.c \
	libcf/cli/table.c \
	libcf/cli/textout.c

# command: cfstitch
bin_PROGRAMS += tools/cfstitch/cfstitch
tools_cfstitch_cfstitch_SOURCES = \
	tools/cfstitch/cfstitch.c \
	tools/cfstitch/cfstitch.h \
	tools/cfstitch/report.c
dist_man1_MANS += doc/man/cfstitch.1
nodist_bashcomp_DATA += doc/completion/cfstitch

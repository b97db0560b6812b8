# command: cffilter
bin_PROGRAMS += tools/cffilter/cffilter
tools_cffilter_cffilter_SOURCES = \
	tools/cffilter/cffilter.c \
	tools/cffilter/cffilter.h \
	tools/cffilter/options.c \
	tools/cffilter/report.c \
	tools/cffilter/run.c \
	tools/cffilter/switches.c
dist_man1_MANS += doc/man/cffilter.1
nodist_bashcomp_DATA += doc/completion/cffilter
dist_doc_DATA += doc/expressions.md

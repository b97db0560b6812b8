# command: cfstats
bin_PROGRAMS += tools/cfstats/cfstats
tools_cfstats_cfstats_SOURCES = tools/cfstats/cfstats.c tools/cfstats/cfstats.h tools/cfstats/options.c \
	tools/cfstats/overall.c tools/cfstats/values.c
dist_man1_MANS += doc/man/cfstats.1
nodist_bashcomp_DATA += doc/completion/cfstats

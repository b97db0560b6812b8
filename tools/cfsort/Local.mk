# command: cfsort
bin_PROGRAMS += tools/cfsort/cfsort
tools_cfsort_cfsort_SOURCES = tools/cfsort/cfsort.c
dist_man1_MANS += doc/man/cfsort.1
nodist_bashcomp_DATA += doc/completion/cfsort

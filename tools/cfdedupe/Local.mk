# command: cfdedupe
bin_PROGRAMS += tools/cfdedupe/cfdedupe
tools_cfdedupe_cfdedupe_SOURCES = tools/cfdedupe/cfdedupe.c
dist_man1_MANS += doc/man/cfdedupe.1
nodist_bashcomp_DATA += doc/completion/cfdedupe

# command: cfcat
bin_PROGRAMS += tools/cfcat/cfcat
tools_cfcat_cfcat_SOURCES = tools/cfcat/cfcat.c
dist_man1_MANS += doc/man/cfcat.1
nodist_bashcomp_DATA += doc/completion/cfcat

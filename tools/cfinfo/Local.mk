# command: cfinfo
bin_PROGRAMS += tools/cfinfo/cfinfo
tools_cfinfo_cfinfo_SOURCES = tools/cfinfo/cfinfo.c tools/cfinfo/survey.c tools/cfinfo/survey.h
dist_man1_MANS += doc/man/cfinfo.1
nodist_bashcomp_DATA += doc/completion/cfinfo

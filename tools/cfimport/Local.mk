# command: cfimport
bin_PROGRAMS += tools/cfimport/cfimport
tools_cfimport_cfimport_SOURCES = tools/cfimport/cfimport.c
dist_man1_MANS += doc/man/cfimport.1
nodist_bashcomp_DATA += doc/completion/cfimport

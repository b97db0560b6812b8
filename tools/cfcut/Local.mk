# command: cfcut
bin_PROGRAMS += tools/cfcut/cfcut
tools_cfcut_cfcut_SOURCES = tools/cfcut/cfcut.c tools/cfcut/cfcut.h tools/cfcut/options.c tools/cfcut/tail.c
nodist_bashcomp_DATA += doc/completion/cfcut

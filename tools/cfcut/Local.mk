# command: cfcut
bin_PROGRAMS += tools/cfcut/cfcut
tools_cfcut_cfcut_SOURCES = tools/cfcut/cfcut.c tools/cfcut/cfcut.h tools/cfcut/options.c tools/cfcut/tail.c
dist_man1_MANS += doc/man/cfcut.1
nodist_bashcomp_DATA += doc/completion/cfcut
dist_doc_DATA += doc/tour.md doc/glossary.md doc/cookbook.md

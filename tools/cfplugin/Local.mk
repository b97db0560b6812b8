# command: cfplugin
bin_PROGRAMS += tools/cfplugin/cfplugin
tools_cfplugin_cfplugin_SOURCES = \
	tools/cfplugin/cfplugin.c \
	tools/cfplugin/cfplugin.h \
	tools/cfplugin/detect.c \
	tools/cfplugin/maps.c
dist_man1_MANS += doc/man/cfplugin.1
nodist_bashcomp_DATA += doc/completion/cfplugin

# reader plug-in: ibm-vpc
pkgplugins_LTLIBRARIES += plugins/readers/ibm-vpc/ibm-vpc.la
plugins_readers_ibm_vpc_ibm_vpc_la_SOURCES = plugins/readers/ibm-vpc/ibm-vpc.c \
	plugins/readers/ibm-vpc/ibm.h plugins/readers/ibm-vpc/document.c plugins/readers/ibm-vpc/row.c
plugins_readers_ibm_vpc_ibm_vpc_la_LDFLAGS = $(AM_LDFLAGS) -module $(CF_MODULE_LDFLAGS)
plugins_readers_ibm_vpc_ibm_vpc_la_LIBADD = $(LIBCF)
dist_man7_MANS += plugins/readers/ibm-vpc/ibm-vpc.7

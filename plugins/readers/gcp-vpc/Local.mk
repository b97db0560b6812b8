# reader plug-in: gcp-vpc
GCP_VPC_SOURCES = \
	plugins/readers/gcp-vpc/cell.h \
	plugins/readers/gcp-vpc/column.c \
	plugins/readers/gcp-vpc/entry.c \
	plugins/readers/gcp-vpc/gcp-vpc.c \
	plugins/readers/gcp-vpc/gcp.h \
	plugins/readers/gcp-vpc/names.c \
	plugins/readers/gcp-vpc/probe.c \
	plugins/readers/gcp-vpc/setup.c
pkgplugins_LTLIBRARIES += plugins/readers/gcp-vpc/gcp-vpc.la
plugins_readers_gcp_vpc_gcp_vpc_la_SOURCES = $(GCP_VPC_SOURCES)
plugins_readers_gcp_vpc_gcp_vpc_la_LDFLAGS = $(AM_LDFLAGS) -module $(CF_MODULE_LDFLAGS)
plugins_readers_gcp_vpc_gcp_vpc_la_LIBADD = $(LIBCF)
dist_man7_MANS += plugins/readers/gcp-vpc/gcp-vpc.7

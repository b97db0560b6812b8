# reader plug-in: alibaba-vpc
pkgplugins_LTLIBRARIES += plugins/readers/alibaba-vpc/alibaba-vpc.la
plugins_readers_alibaba_vpc_alibaba_vpc_la_SOURCES = plugins/readers/alibaba-vpc/alibaba-vpc.c \
	plugins/readers/alibaba-vpc/alibaba.h plugins/readers/alibaba-vpc/fields.c \
	plugins/readers/alibaba-vpc/text.c
plugins_readers_alibaba_vpc_alibaba_vpc_la_LDFLAGS = $(AM_LDFLAGS) -module $(CF_MODULE_LDFLAGS)
plugins_readers_alibaba_vpc_alibaba_vpc_la_LIBADD = $(LIBCF)
dist_man7_MANS += plugins/readers/alibaba-vpc/alibaba-vpc.7

# reader plug-in: aws-vpc
AWS_VPC_SOURCES = \
	plugins/readers/aws-vpc/aws-vpc.c \
	plugins/readers/aws-vpc/aws.h \
	plugins/readers/aws-vpc/columns.c \
	plugins/readers/aws-vpc/columns.h \
	plugins/readers/aws-vpc/exact.c \
	plugins/readers/aws-vpc/format.c \
	plugins/readers/aws-vpc/index.c \
	plugins/readers/aws-vpc/json.c \
	plugins/readers/aws-vpc/lines.c \
	plugins/readers/aws-vpc/names.c \
	plugins/readers/aws-vpc/names.h \
	plugins/readers/aws-vpc/probe.c \
	plugins/readers/aws-vpc/unwrap.c \
	plugins/readers/aws-vpc/unwrap.h \
	plugins/readers/aws-vpc/wide.c
pkgplugins_LTLIBRARIES += plugins/readers/aws-vpc/aws-vpc.la
plugins_readers_aws_vpc_aws_vpc_la_SOURCES = $(AWS_VPC_SOURCES)
plugins_readers_aws_vpc_aws_vpc_la_LDFLAGS = $(AM_LDFLAGS) -module $(CF_MODULE_LDFLAGS)
plugins_readers_aws_vpc_aws_vpc_la_LIBADD = $(LIBCF)
dist_man7_MANS += plugins/readers/aws-vpc/aws-vpc.7

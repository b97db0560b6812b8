# reader plug-in: aws-parquet; the names of fields are those of aws-vpc
pkgplugins_LTLIBRARIES += plugins/readers/aws-parquet/aws-parquet.la
plugins_readers_aws_parquet_aws_parquet_la_SOURCES = \
	plugins/readers/aws-parquet/aws-parquet.c \
	plugins/readers/aws-parquet/convert.c \
	plugins/readers/aws-parquet/duck.c \
	plugins/readers/aws-parquet/duck.h \
	plugins/readers/aws-parquet/pq.h \
	plugins/readers/aws-parquet/rows.c \
	plugins/readers/aws-parquet/schema.c \
	plugins/readers/aws-parquet/spool.c \
	plugins/readers/aws-vpc/names.c
plugins_readers_aws_parquet_aws_parquet_la_CPPFLAGS = $(AM_CPPFLAGS) \
	-I$(top_srcdir)/plugins/readers
plugins_readers_aws_parquet_aws_parquet_la_LDFLAGS = $(AM_LDFLAGS) -module $(CF_MODULE_LDFLAGS)
plugins_readers_aws_parquet_aws_parquet_la_LIBADD = $(LIBCF)
dist_man7_MANS += plugins/readers/aws-parquet/aws-parquet.7

# reader plug-in: csv
CSV_SOURCES = \
	plugins/readers/csv/csv.c \
	plugins/readers/csv/csv.h \
	plugins/readers/csv/map.c \
	plugins/readers/csv/plan.c \
	plugins/readers/csv/probe.c \
	plugins/readers/csv/row.c
pkgplugins_LTLIBRARIES += plugins/readers/csv/csv.la
plugins_readers_csv_csv_la_SOURCES = $(CSV_SOURCES)
plugins_readers_csv_csv_la_LDFLAGS = $(AM_LDFLAGS) -module $(CF_MODULE_LDFLAGS)
plugins_readers_csv_csv_la_LIBADD = $(LIBCF)
dist_man7_MANS += plugins/readers/csv/csv.7

# reader plug-in: nfdump-csv
NFDUMP_CSV_SOURCES = \
	plugins/readers/nfdump-csv/nfdump-csv.c \
	plugins/readers/nfdump-csv/nfdump.h \
	plugins/readers/nfdump-csv/plan.c \
	plugins/readers/nfdump-csv/row.c
pkgplugins_LTLIBRARIES += plugins/readers/nfdump-csv/nfdump-csv.la
plugins_readers_nfdump_csv_nfdump_csv_la_SOURCES = $(NFDUMP_CSV_SOURCES)
plugins_readers_nfdump_csv_nfdump_csv_la_LDFLAGS = $(AM_LDFLAGS) -module $(CF_MODULE_LDFLAGS)
plugins_readers_nfdump_csv_nfdump_csv_la_LIBADD = $(LIBCF)
dist_man7_MANS += plugins/readers/nfdump-csv/nfdump-csv.7

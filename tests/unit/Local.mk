# Unit programs, tests/unit/NAME.c each. Three lines register one; they stand below its room.
UNIT_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/libcf -I$(top_srcdir)/tests/unit $(CUNIT_CFLAGS) \
	-DCF_TEST_DATA='"$(abs_top_srcdir)/tests"'
UNIT_LDADD = libcf/libcfint.la $(CUNIT_LIBS)

unit_tests =

# base
unit_tests += tests/unit/version
tests_unit_version_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_version_LDADD = $(UNIT_LDADD)


# value
unit_tests += tests/unit/value
tests_unit_value_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_value_LDADD = $(UNIT_LDADD)


# cells
unit_tests += tests/unit/cells
tests_unit_cells_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_cells_LDADD = $(UNIT_LDADD)


# field
unit_tests += tests/unit/field
tests_unit_field_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_field_LDADD = $(UNIT_LDADD)


# batch
unit_tests += tests/unit/batch
tests_unit_batch_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_batch_LDADD = $(UNIT_LDADD)


# codec
unit_tests += tests/unit/codec
tests_unit_codec_SOURCES = tests/unit/codec.c tests/unit/codec_data.c tests/unit/codec_data.h
tests_unit_codec_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_codec_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/codec_hostile
tests_unit_codec_hostile_SOURCES = tests/unit/codec_hostile.c tests/unit/codec_data.c tests/unit/codec_data.h
tests_unit_codec_hostile_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_codec_hostile_LDADD = $(UNIT_LDADD)


# stream
unit_tests += tests/unit/provenance
tests_unit_provenance_SOURCES = tests/unit/provenance.c
tests_unit_provenance_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_provenance_LDADD = $(UNIT_LDADD)

unit_tests += tests/unit/stream
tests_unit_stream_SOURCES = tests/unit/stream.c tests/unit/streamkit.h
tests_unit_stream_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_stream_LDADD = $(UNIT_LDADD)



# input
unit_tests += tests/unit/input
tests_unit_input_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_input_LDADD = $(UNIT_LDADD)


# json
unit_tests += tests/unit/json
tests_unit_json_SOURCES = tests/unit/json.c tests/unit/json_oracle.h
tests_unit_json_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_json_LDADD = $(UNIT_LDADD) $(JANSSON_LIBS)
unit_tests += tests/unit/jsonmap
tests_unit_jsonmap_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_jsonmap_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/jsonrec
tests_unit_jsonrec_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_jsonrec_LDADD = $(UNIT_LDADD)


# expr
unit_tests += tests/unit/expr
tests_unit_expr_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_expr_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/expr_run
tests_unit_expr_run_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_expr_run_LDADD = $(UNIT_LDADD)


# group
unit_tests += tests/unit/group
tests_unit_group_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_group_LDADD = $(UNIT_LDADD)


# join
unit_tests += tests/unit/dedupe
tests_unit_dedupe_SOURCES = tests/unit/dedupe.c tests/unit/joinkit.h
tests_unit_dedupe_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_dedupe_LDADD = $(UNIT_LDADD)

unit_tests += tests/unit/stitch
tests_unit_stitch_SOURCES = tests/unit/stitch.c tests/unit/joinkit.h
tests_unit_stitch_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_stitch_LDADD = $(UNIT_LDADD)


# plugin, site: they load modules, so library and module must share one copy
unit_tests += tests/unit/site tests/unit/preload
tests_unit_site_SOURCES = tests/unit/site.c libcf/site/jsonline.c libcf/plugin/where.c
tests_unit_site_CPPFLAGS = $(UNIT_CPPFLAGS) -DCF_PLUGINDIR='"$(pkgpluginsdir)"'
tests_unit_site_LDADD = $(LIBCF) $(CUNIT_LIBS)
tests_unit_preload_SOURCES = tests/unit/preload.c tests/plugins/toy.c
tests_unit_preload_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_preload_LDADD = $(LIBCF) $(CUNIT_LIBS) $(LTDL_LIBS)


# scan, aws-vpc
unit_tests += tests/unit/aws
tests_unit_aws_SOURCES = tests/unit/aws.c $(AWS_VPC_SOURCES)
tests_unit_aws_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_aws_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/azure
tests_unit_azure_SOURCES = tests/unit/azure.c $(AZURE_SOURCES)
tests_unit_azure_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/plugins/readers/azure
tests_unit_azure_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/scan
tests_unit_scan_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_scan_LDADD = $(UNIT_LDADD)


# print
unit_tests += tests/unit/print
tests_unit_print_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_print_LDADD = $(UNIT_LDADD)


# cli
unit_tests += tests/unit/cli
tests_unit_cli_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_cli_LDADD = $(UNIT_LDADD)


# ---- end of the list --------------------------------------------------------------------------

if HAVE_CUNIT
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
endif
noinst_HEADERS += tests/unit/cfunit.h

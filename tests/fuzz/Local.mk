# One target per parser. make check replays its corpus and some thousand changed forms of it; make
# fuzz goes on for FUZZ_SECONDS each, with libFuzzer when configured --enable-fuzzers (clang).
FUZZ_ROUNDS = 200
FUZZ_SECONDS = 60

if CF_FUZZERS
fuzz_driver =
fuzz_link_flags = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_run = -max_total_time=$(FUZZ_SECONDS) -timeout=20 -rss_limit_mb=4096
else
fuzz_driver = tests/fuzz/driver.c
fuzz_link_flags = $(AM_LDFLAGS)
fuzz_run = --seconds=$(FUZZ_SECONDS)
TESTS += tests/fuzz/replay.sh
endif

fuzz_targets =

fuzz_targets += tests/fuzz/value
tests_fuzz_value_SOURCES = tests/fuzz/value.c $(fuzz_driver)
tests_fuzz_value_LDFLAGS = $(fuzz_link_flags)

fuzz_targets += tests/fuzz/input
tests_fuzz_input_SOURCES = tests/fuzz/input.c $(fuzz_driver)
tests_fuzz_input_LDFLAGS = $(fuzz_link_flags)

fuzz_targets += tests/fuzz/site
tests_fuzz_site_SOURCES = tests/fuzz/site.c $(fuzz_driver)
tests_fuzz_site_LDFLAGS = $(fuzz_link_flags)

fuzz_targets += tests/fuzz/expr
tests_fuzz_expr_SOURCES = tests/fuzz/expr.c $(fuzz_driver)
tests_fuzz_expr_LDFLAGS = $(fuzz_link_flags)

fuzz_targets += tests/fuzz/stream
tests_fuzz_stream_SOURCES = tests/fuzz/stream.c $(fuzz_driver)
tests_fuzz_stream_LDFLAGS = $(fuzz_link_flags)
tests_fuzz_stream_CPPFLAGS = $(AM_CPPFLAGS) $(XXHASH_CFLAGS)
tests_fuzz_stream_LDADD = $(LIBCF) $(XXHASH_LIBS)

fuzz_targets += tests/fuzz/codec_decode
tests_fuzz_codec_decode_SOURCES = tests/fuzz/codec_decode.c $(fuzz_driver)
tests_fuzz_codec_decode_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/libcf
tests_fuzz_codec_decode_LDADD = libcf/libcfint.la

fuzz_targets += tests/fuzz/json
tests_fuzz_json_SOURCES = tests/fuzz/json.c tests/unit/json_oracle.h $(fuzz_driver)
tests_fuzz_json_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/libcf -I$(top_srcdir)/tests/unit \
	$(JANSSON_CFLAGS)
tests_fuzz_json_LDFLAGS = $(fuzz_link_flags)
tests_fuzz_json_LDADD = libcf/libcfint.la $(JANSSON_LIBS)

fuzz_targets += tests/fuzz/jsonmap
tests_fuzz_jsonmap_SOURCES = tests/fuzz/jsonmap.c $(fuzz_driver)
tests_fuzz_jsonmap_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
tests_fuzz_jsonmap_LDFLAGS = $(fuzz_link_flags)
tests_fuzz_jsonmap_LDADD = $(LIBCF) $(JANSSON_LIBS)

fuzz_targets += tests/fuzz/jsonrec
tests_fuzz_jsonrec_SOURCES = tests/fuzz/jsonrec.c $(fuzz_driver)
tests_fuzz_jsonrec_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/libcf
tests_fuzz_jsonrec_LDFLAGS = $(fuzz_link_flags)
tests_fuzz_jsonrec_LDADD = libcf/libcfint.la

fuzz_targets += tests/fuzz/reader
tests_fuzz_reader_SOURCES = tests/fuzz/reader.c $(fuzz_driver)
tests_fuzz_reader_LDFLAGS = $(fuzz_link_flags)

fuzz_targets += tests/fuzz/reader_azure
tests_fuzz_reader_azure_SOURCES = tests/fuzz/reader.c $(fuzz_driver)
tests_fuzz_reader_azure_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_READERS='"azure-nsg", "azure-vnet"'
tests_fuzz_reader_azure_LDFLAGS = $(fuzz_link_flags)

fuzz_targets += tests/fuzz/reader_onprem
tests_fuzz_reader_onprem_SOURCES = tests/fuzz/reader.c $(fuzz_driver)
tests_fuzz_reader_onprem_CPPFLAGS = $(AM_CPPFLAGS) \
	-DFUZZ_READERS='"zeek-conn", "suricata-flow", "nfdump-csv", "csv"'
tests_fuzz_reader_onprem_LDFLAGS = $(fuzz_link_flags)

# the same reader with a map: order, units, words, patterns, totals
fuzz_targets += tests/fuzz/reader_csv
tests_fuzz_reader_csv_SOURCES = tests/fuzz/reader.c $(fuzz_driver)
tests_fuzz_reader_csv_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_READERS='"csv"' \
	-DFUZZ_SETTINGS='"columns=stime:%d/%b/%Y %T %z,duration:length,sip,dip?,proto:T=tcp|U=udp,flags:hex,bytes,total-bytes,action:a=accept,note,seen:us,count:uint", "constants=provider=x,shape=bi", "timezone=Europe/Prague"'
tests_fuzz_reader_csv_LDFLAGS = $(fuzz_link_flags)

fuzz_targets += tests/fuzz/reader_gcp
tests_fuzz_reader_gcp_SOURCES = tests/fuzz/reader.c $(fuzz_driver)
tests_fuzz_reader_gcp_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_READERS='"gcp-vpc"'
tests_fuzz_reader_gcp_LDFLAGS = $(fuzz_link_flags)

fuzz_targets += tests/fuzz/reader_clouds
tests_fuzz_reader_clouds_SOURCES = tests/fuzz/reader.c $(fuzz_driver)
tests_fuzz_reader_clouds_CPPFLAGS = $(AM_CPPFLAGS) \
	-DFUZZ_READERS='"oci-vcn", "ibm-vpc", "alibaba-vpc"'
tests_fuzz_reader_clouds_LDFLAGS = $(fuzz_link_flags)

check_PROGRAMS += $(fuzz_targets)
noinst_HEADERS += tests/fuzz/fuzz.h
EXTRA_DIST += tests/fuzz/replay.sh
DIST_FOLDERS += tests/fuzz/corpus
AM_TESTS_ENVIRONMENT += fuzz_targets='$(fuzz_targets)'; export fuzz_targets; \
	fuzz_rounds='$(FUZZ_ROUNDS)'; export fuzz_rounds;

# New inputs that libFuzzer finds go to fuzz-found/, not into the source tree.
fuzz: $(fuzz_targets)
	@for target in $(fuzz_targets); do \
	  name=`basename $$target` && $(MKDIR_P) fuzz-found/$$name && \
	  $$target $(fuzz_run) fuzz-found/$$name $(top_srcdir)/tests/fuzz/corpus/$$name || exit 1; \
	done
.PHONY: fuzz

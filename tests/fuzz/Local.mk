# One target per parser. make check replays its corpus and some thousand changed forms of it; make
# fuzz goes on for FUZZ_SECONDS each, with libFuzzer when configured --enable-fuzzers (clang).
FUZZ_ROUNDS = 200
FUZZ_SECONDS = 60

fuzz_targets =

fuzz_targets += tests/fuzz/value
tests_fuzz_value_SOURCES = tests/fuzz/value.c tests/fuzz/driver.c

fuzz_targets += tests/fuzz/input
tests_fuzz_input_SOURCES = tests/fuzz/input.c tests/fuzz/driver.c

fuzz_targets += tests/fuzz/site
tests_fuzz_site_SOURCES = tests/fuzz/site.c tests/fuzz/driver.c

fuzz_targets += tests/fuzz/expr
tests_fuzz_expr_SOURCES = tests/fuzz/expr.c tests/fuzz/driver.c

fuzz_targets += tests/fuzz/stream
tests_fuzz_stream_SOURCES = tests/fuzz/stream.c tests/fuzz/driver.c
tests_fuzz_stream_CPPFLAGS = $(AM_CPPFLAGS) $(XXHASH_CFLAGS)
tests_fuzz_stream_LDADD = $(LIBCF) $(XXHASH_LIBS)

check_PROGRAMS += $(fuzz_targets)
noinst_HEADERS += tests/fuzz/fuzz.h
TESTS += tests/fuzz/replay.sh
EXTRA_DIST += tests/fuzz/replay.sh
DIST_FOLDERS += tests/fuzz/corpus
AM_TESTS_ENVIRONMENT += fuzz_targets='$(fuzz_targets)'; export fuzz_targets; \
	fuzz_rounds='$(FUZZ_ROUNDS)'; export fuzz_rounds;

fuzz: $(fuzz_targets)
	@for target in $(fuzz_targets); do \
	  name=`basename $$target`; \
	  $$target --seconds=$(FUZZ_SECONDS) $(top_srcdir)/tests/fuzz/corpus/$$name || exit 1; \
	done
.PHONY: fuzz

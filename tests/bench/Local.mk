# tests: bench
# Not part of "make check": takes minutes and wants a quiet machine.
bench: all
	$(PYTHON3) -B $(top_srcdir)/tests/bench/run --build=$(abs_top_builddir) $(BENCHFLAGS)
.PHONY: bench
EXTRA_DIST += tests/bench/run tests/bench/data.py tests/bench/jobs.py tests/bench/proc.py \
	tests/bench/report.py tests/bench/netflow.py tests/bench/duck.js tests/bench/package.json \
	tests/bench/README.md

# The codec alone, column by column, and the tokenizer and readers; built when asked for.
EXTRA_PROGRAMS = tests/bench/codec-bench tests/bench/json-bench tests/bench/reader-bench
tests_bench_codec_bench_SOURCES = tests/bench/codec-bench.c
tests_bench_codec_bench_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/libcf
tests_bench_codec_bench_LDADD = libcf/libcfint.la
tests_bench_json_bench_SOURCES = tests/bench/json-bench.c
tests_bench_reader_bench_SOURCES = tests/bench/reader-bench.c

# Failing allocations, short reads, full disk, closed descriptors. The two shims are preloaded into
# commands; -rpath makes libtool build them shared although they are not installed.
if !CF_STATIC_PLUGINS
check_LTLIBRARIES += tests/torture/failalloc.la tests/torture/shortio.la
endif
tests_torture_failalloc_la_SOURCES = tests/torture/failalloc.c
tests_torture_failalloc_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere
tests_torture_failalloc_la_CFLAGS = $(CF_WARN_CFLAGS) $(CF_CODE_CFLAGS) -fno-builtin
tests_torture_shortio_la_SOURCES = tests/torture/shortio.c
tests_torture_shortio_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere
tests_torture_shortio_la_CFLAGS = $(CF_WARN_CFLAGS) $(CF_CODE_CFLAGS)

TESTS += tests/torture/run.py
EXTRA_DIST += tests/torture/run.py tests/torture/commands

# Tests of the plug-in loader. toy.la is for unit programs; the broken toys are made by toys.py.
TESTS += tests/plugins/toys.py
EXTRA_DIST += tests/plugins/toys.py
check_LTLIBRARIES += tests/plugins/toy.la
tests_plugins_toy_la_SOURCES = tests/plugins/toy.c
tests_plugins_toy_la_LDFLAGS = -module $(AM_LDFLAGS) $(CF_MODULE_LDFLAGS) -rpath $(pkgpluginsdir)
tests_plugins_toy_la_LIBADD = $(LIBCF)

# The example plug-in. Built by make check, never installed; its own Makefile is for a copy of the
# folder outside of the tree, which tests/plugins/example.py makes.
check_LTLIBRARIES += plugins/example/example.la
plugins_example_example_la_SOURCES = plugins/example/example.c
# -rpath makes libtool build a shared object although it is not installed.
plugins_example_example_la_LDFLAGS = -module $(AM_LDFLAGS) $(CF_MODULE_LDFLAGS) -rpath $(pkgpluginsdir)
plugins_example_example_la_LIBADD = $(LIBCF)
EXTRA_DIST += plugins/example/Makefile

# Every test speaks TAP; make check counts the single cases. tests/README.md explains the layers.
TEST_EXTENSIONS = .sh .py
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
SH_LOG_DRIVER = $(LOG_DRIVER)
SH_LOG_COMPILER = $(SHELL)
PY_LOG_DRIVER = $(LOG_DRIVER)
PY_LOG_COMPILER = $(PYTHON3) -B
AM_TESTS_ENVIRONMENT += \
	top_srcdir='$(abs_top_srcdir)'; export top_srcdir; \
	top_builddir='$(abs_top_builddir)'; export top_builddir; \
	CF_TAP_ONLY=1; export CF_TAP_ONLY; \
	TZ='<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45'; export TZ; \
	CF_SANITIZE='$(CF_SANITIZE)'; export CF_SANITIZE; \
	CC='$(CC)'; CXX='$(CXX)'; PYTHON3='$(PYTHON3)'; export CC CXX PYTHON3;

include tests/unit/Local.mk
include tests/cli/Local.mk
include tests/doc/Local.mk
include tests/build/Local.mk
include tests/torture/Local.mk
include tests/format/Local.mk
include tests/golden/Local.mk
include tests/damaged/Local.mk
include tests/plugins/Local.mk
include tests/samples/Local.mk
include tests/resume/Local.mk
include tests/same/Local.mk
include tests/sort/Local.mk
include tests/limits/Local.mk
include tests/fuzz/Local.mk
include tests/bench/Local.mk

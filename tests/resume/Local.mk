# Growing inputs: read in steps they give what they give at once; killed runs lose and double nothing.
if !CF_STATIC_PLUGINS
check_LTLIBRARIES += tests/resume/killat.la
endif
tests_resume_killat_la_SOURCES = tests/resume/killat.c
tests_resume_killat_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere
tests_resume_killat_la_CFLAGS = $(CF_WARN_CFLAGS) $(CF_CODE_CFLAGS)

TESTS += tests/resume/grow.py tests/resume/kill.py
EXTRA_DIST += tests/resume/grow.py tests/resume/kill.py tests/resume/logs.py

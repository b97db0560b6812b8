# The second reader of .cf, written from doc/format.md; tests/golden uses it, too.
TESTS += tests/format/agree.py
EXTRA_DIST += tests/format/agree.py tests/format/cfdecode.py tests/format/xxh3.py

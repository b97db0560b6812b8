# The second reader of .cf; tests/golden compares it with the first.
EXTRA_DIST += tests/format/cfdecode.py tests/format/xxh3.py

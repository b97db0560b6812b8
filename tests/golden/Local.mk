# Files of every format version, and the rows they hold.
TESTS += tests/golden/golden.py
EXTRA_DIST += tests/golden/golden.py tests/golden/make
DIST_FOLDERS += tests/golden/v1

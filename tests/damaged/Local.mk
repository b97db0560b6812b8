# Broken .cf files, made by a script from a golden one.
TESTS += tests/damaged/damaged.py
EXTRA_DIST += tests/damaged/damaged.py tests/damaged/craft.py

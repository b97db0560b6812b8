# Sorting: the order of keys by an independent sort, any limit and any threads.
TESTS += tests/sort/run.py
EXTRA_DIST += tests/sort/run.py

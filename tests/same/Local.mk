# Same flows, same answer.
TESTS += tests/same/run.py
EXTRA_DIST += tests/same/run.py

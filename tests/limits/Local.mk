# Memory and open files within their bounds.
TESTS += tests/limits/run.py
EXTRA_DIST += tests/limits/run.py

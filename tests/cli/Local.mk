# Command cases. The folders are distributed whole.
TESTS += tests/cli/run tests/cli/run-threads
EXTRA_DIST += tests/cli tests/harness.py tests/README.md

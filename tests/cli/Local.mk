# Command cases. The folders are distributed whole.
TESTS += tests/cli/run tests/cli/run-threads tests/cli/terminal.py
DIST_FOLDERS += tests/cli
EXTRA_DIST += tests/harness.py tests/README.md

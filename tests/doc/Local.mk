# Tests of documents: pages, help, completion, examples.
TESTS += tests/doc/manuals.py tests/doc/examples.py tests/doc/errors.py
EXTRA_DIST += tests/doc/manuals.py tests/doc/examples.py tests/doc/errors.py

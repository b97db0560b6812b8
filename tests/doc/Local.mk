# Tests of documents: pages, help, completion, examples.
TESTS += tests/doc/manuals.py tests/doc/examples.py tests/doc/errors.py tests/doc/fields.py
EXTRA_DIST += tests/doc/manuals.py tests/doc/examples.py tests/doc/errors.py tests/doc/fields.py

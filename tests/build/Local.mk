# Tests of the build itself and of rules for sources.
TESTS += tests/build/headers.py tests/build/exports.py tests/build/modules.py tests/build/sources.py
EXTRA_DIST += tests/build/headers.py tests/build/exports.py tests/build/modules.py \
	tests/build/sources.py tests/build/libcf.sym

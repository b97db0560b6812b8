# Tests of the build itself and of rules for sources.
TESTS += tests/build/headers.py tests/build/exports.py tests/build/modules.py tests/build/sources.py
TESTS += tests/build/install.py
EXTRA_DIST += tests/build/headers.py tests/build/exports.py tests/build/modules.py \
	tests/build/sources.py tests/build/install.py tests/build/libcf.sym

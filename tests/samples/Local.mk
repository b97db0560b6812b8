# Real provider logs against independent counts.
TESTS += tests/samples/aws_vpc.py tests/samples/maps.py tests/samples/aws_parquet.py
EXTRA_DIST += tests/samples/aws_vpc.py tests/samples/maps.py tests/samples/aws_parquet.py
TESTS += tests/samples/onprem.py
EXTRA_DIST += tests/samples/onprem.py
TESTS += tests/samples/azure.py
EXTRA_DIST += tests/samples/azure.py
TESTS += tests/samples/detect.py
EXTRA_DIST += tests/samples/detect.py
TESTS += tests/samples/gcp_vpc.py
EXTRA_DIST += tests/samples/gcp_vpc.py
TESTS += tests/samples/clouds.py
EXTRA_DIST += tests/samples/clouds.py
TESTS += tests/samples/join.py
EXTRA_DIST += tests/samples/join.py

# Real provider logs against independent counts.
TESTS += tests/samples/aws_vpc.py
EXTRA_DIST += tests/samples/aws_vpc.py

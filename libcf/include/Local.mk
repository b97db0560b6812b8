# Public headers. Each installs as <cf/NAME.h>.
cfinclude_HEADERS += \
	libcf/include/cf/account.h \
	libcf/include/cf/base.h \
	libcf/include/cf/batch.h \
	libcf/include/cf/cells.h \
	libcf/include/cf/cli.h \
	libcf/include/cf/delim.h \
	libcf/include/cf/expr.h \
	libcf/include/cf/field.h \
	libcf/include/cf/group.h \
	libcf/include/cf/input.h \
	libcf/include/cf/join.h \
	libcf/include/cf/json.h \
	libcf/include/cf/jsonmap.h \
	libcf/include/cf/jsonrec.h \
	libcf/include/cf/maplog.h \
	libcf/include/cf/plugin.h \
	libcf/include/cf/print.h \
	libcf/include/cf/provenance.h \
	libcf/include/cf/scan.h \
	libcf/include/cf/site.h \
	libcf/include/cf/sort.h \
	libcf/include/cf/stream.h \
	libcf/include/cf/value.h \
	libcf/include/cf/version.h

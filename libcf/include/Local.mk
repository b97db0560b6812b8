# Public headers. Each installs as <cf/NAME.h>.
cfinclude_HEADERS += libcf/include/cf/account.h
cfinclude_HEADERS += libcf/include/cf/base.h
cfinclude_HEADERS += libcf/include/cf/batch.h
cfinclude_HEADERS += libcf/include/cf/cli.h
cfinclude_HEADERS += libcf/include/cf/expr.h
cfinclude_HEADERS += libcf/include/cf/field.h
cfinclude_HEADERS += libcf/include/cf/input.h
cfinclude_HEADERS += libcf/include/cf/plugin.h
cfinclude_HEADERS += libcf/include/cf/provenance.h
cfinclude_HEADERS += libcf/include/cf/scan.h
cfinclude_HEADERS += libcf/include/cf/site.h
cfinclude_HEADERS += libcf/include/cf/stream.h
cfinclude_HEADERS += libcf/include/cf/value.h
cfinclude_HEADERS += libcf/include/cf/version.h

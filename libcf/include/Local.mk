# Public headers. Each installs as <cf/NAME.h>.
cfinclude_HEADERS += \
	libcf/include/cf/version.h

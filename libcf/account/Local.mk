# libcf room: account
libcf_libcf_la_SOURCES += \
	libcf/account/account.c

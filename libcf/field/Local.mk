# libcf room: field
libcf_libcf_la_SOURCES += \
	libcf/field/catalogue.c \
	libcf/field/derive.c \
	libcf/field/field.h \
	libcf/field/fields_aws.c \
	libcf/field/fields_join.c \
	libcf/field/fields_onprem.c \
	libcf/field/fields_clouds.c \
	libcf/field/fields_azure.c \
	libcf/field/fields_gcp.c \
	libcf/field/fields_flow.c

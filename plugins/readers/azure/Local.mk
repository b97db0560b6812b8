# reader plug-ins: azure-nsg and azure-vnet, two faces of one reader
AZURE_SOURCES = \
	plugins/readers/azure/azure.h \
	plugins/readers/azure/exact.c \
	plugins/readers/azure/fast.c \
	plugins/readers/azure/ids.c \
	plugins/readers/azure/probe.c \
	plugins/readers/azure/reader.c \
	plugins/readers/azure/rows.c \
	plugins/readers/azure/run.c \
	plugins/readers/azure/walk.c
pkgplugins_LTLIBRARIES += plugins/readers/azure-nsg/azure-nsg.la \
	plugins/readers/azure-vnet/azure-vnet.la
plugins_readers_azure_nsg_azure_nsg_la_SOURCES = $(AZURE_SOURCES) plugins/readers/azure/nsg.c
plugins_readers_azure_nsg_azure_nsg_la_LDFLAGS = $(AM_LDFLAGS) -module $(CF_MODULE_LDFLAGS)
plugins_readers_azure_nsg_azure_nsg_la_LIBADD = $(LIBCF)
plugins_readers_azure_vnet_azure_vnet_la_SOURCES = $(AZURE_SOURCES) plugins/readers/azure/vnet.c
plugins_readers_azure_vnet_azure_vnet_la_LDFLAGS = $(AM_LDFLAGS) -module $(CF_MODULE_LDFLAGS)
plugins_readers_azure_vnet_azure_vnet_la_LIBADD = $(LIBCF)
dist_man7_MANS += plugins/readers/azure/azure-nsg.7 plugins/readers/azure/azure-vnet.7

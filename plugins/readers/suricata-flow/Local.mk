# reader plug-in: suricata-flow
SURICATA_FLOW_SOURCES = \
	plugins/readers/suricata-flow/suricata-flow.c
pkgplugins_LTLIBRARIES += plugins/readers/suricata-flow/suricata-flow.la
plugins_readers_suricata_flow_suricata_flow_la_SOURCES = $(SURICATA_FLOW_SOURCES)
plugins_readers_suricata_flow_suricata_flow_la_LDFLAGS = $(AM_LDFLAGS) -module $(CF_MODULE_LDFLAGS)
plugins_readers_suricata_flow_suricata_flow_la_LIBADD = $(LIBCF)
dist_man7_MANS += plugins/readers/suricata-flow/suricata-flow.7

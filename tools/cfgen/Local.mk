# command: cfgen
bin_PROGRAMS += tools/cfgen/cfgen
tools_cfgen_cfgen_SOURCES = tools/cfgen/cfgen.c tools/cfgen/options.c tools/cfgen/options.h \
	tools/cfgen/sink.c tools/cfgen/sink.h tools/cfgen/provider.c tools/cfgen/provider.h \
	tools/cfgen/aws_vpc.c tools/cfgen/text.c tools/cfgen/text.h \
	tools/cfgen/traffic.c tools/cfgen/traffic.h tools/cfgen/model.h tools/cfgen/classes.c tools/cfgen/draw.c \
	tools/cfgen/conv.c tools/cfgen/emit.c tools/cfgen/scan.c \
	tools/cfgen/estate.c tools/cfgen/estate.h tools/cfgen/dist.c tools/cfgen/dist.h \
	tools/cfgen/rng.h \
	tools/cfgen/spell.c tools/cfgen/spell.h tools/cfgen/oci_vcn.c tools/cfgen/ibm_vpc.c \
	tools/cfgen/alibaba_vpc.c \
	tools/cfgen/living.c tools/cfgen/living.h tools/cfgen/conn.c tools/cfgen/conn.h \
	tools/cfgen/report.c tools/cfgen/sample.c tools/cfgen/azure.c tools/cfgen/azure.h \
	tools/cfgen/sensor.c tools/cfgen/sensor.h tools/cfgen/zeek_conn.c \
	tools/cfgen/suricata_flow.c tools/cfgen/nfdump_csv.c \
	tools/cfgen/azure_nsg.c tools/cfgen/azure_vnet.c tools/cfgen/gcp_vpc.c tools/cfgen/gcp_meta.c tools/cfgen/gcp.h
tools_cfgen_cfgen_LDADD = $(LIBCF) $(ZLIB_LIBS)
dist_man1_MANS += doc/man/cfgen.1
nodist_bashcomp_DATA += doc/completion/cfgen

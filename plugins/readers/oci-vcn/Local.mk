# reader plug-in: oci-vcn
pkgplugins_LTLIBRARIES += plugins/readers/oci-vcn/oci-vcn.la
plugins_readers_oci_vcn_oci_vcn_la_SOURCES = plugins/readers/oci-vcn/oci-vcn.c
plugins_readers_oci_vcn_oci_vcn_la_LDFLAGS = $(AM_LDFLAGS) -module $(CF_MODULE_LDFLAGS)
plugins_readers_oci_vcn_oci_vcn_la_LIBADD = $(LIBCF)
dist_man7_MANS += plugins/readers/oci-vcn/oci-vcn.7

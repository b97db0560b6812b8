# The site configuration that ships, and examples of others.
dist_site_DATA += site/site.json
siteexamplesdir = $(docdir)/site
dist_siteexamples_DATA = site/examples/aws-format.json site/examples/more-readers.json \
	site/examples/private.json site/examples/argus.json \
	site/examples/traffic-analytics.json

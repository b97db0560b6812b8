# command: cffilter

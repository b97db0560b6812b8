# command: cfinfo

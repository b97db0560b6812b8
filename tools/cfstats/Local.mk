# command: cfstats

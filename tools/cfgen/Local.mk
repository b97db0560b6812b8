# command: cfgen

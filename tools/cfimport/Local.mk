# command: cfimport

# command: cfcat

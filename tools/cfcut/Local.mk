# command: cfcut

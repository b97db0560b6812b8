# command: cfplugin

# the site configuration that ships

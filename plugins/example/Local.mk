# example plug-in, built outside the tree by a test

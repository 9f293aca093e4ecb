"""Rules that hold for the whole tree, whoever writes in it."""

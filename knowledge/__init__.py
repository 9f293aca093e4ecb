"""What we know, and how it is found: the content, its loader and linter, and the search over it."""

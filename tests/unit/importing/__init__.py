"""The tools of the clerk who looks after the content."""

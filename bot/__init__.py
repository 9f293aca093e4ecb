"""The talk with people: platforms, dialogue, the web pages and the command line."""

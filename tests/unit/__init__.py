"""What can be tested without a server."""

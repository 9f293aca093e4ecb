"""Stand-ins for the platforms, over real HTTP on loopback: for the demo and the tests. They know nothing of the bot."""

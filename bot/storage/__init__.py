"""The bot's own stores in Redis, the connection to it, and the server it brings along."""

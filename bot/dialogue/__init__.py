"""What the bot says to what a person did: one module a verb, and the dispatcher that routes between them."""

"""Telegram: the one room that knows python-telegram-bot. `lane.Telegram` is what the rest of the bot uses."""

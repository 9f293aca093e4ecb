"""What the project promises, as programs that check it."""

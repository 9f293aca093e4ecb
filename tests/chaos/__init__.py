"""What may go wrong while reminders and notices are on their way, and what holds all the same."""

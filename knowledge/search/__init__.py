"""Finding the topic a message asks about, and knowing when there is none."""

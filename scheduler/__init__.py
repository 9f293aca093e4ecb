"""What happens because time passes, and to whom: rosters, campaigns, waves, deliveries."""

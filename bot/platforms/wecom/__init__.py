"""WeCom: one platform, four routes. `lane.WeCom` is what the rest of the bot uses."""

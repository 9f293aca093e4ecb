"""The scheduler's stores in Redis. One Lua script is one change; nothing else writes."""

-- Let go of what is held under a fence. KEYS: lock. ARGV: fence.
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0

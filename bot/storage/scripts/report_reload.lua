-- Keep what came of a reload in one process. KEYS: reloaded. ARGV: process, JSON, seconds until swept.
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1

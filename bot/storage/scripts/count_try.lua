-- Count a miss and answer how many there were since a moment. KEYS: tries. ARGV: name of the miss, ms, since ms.
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[3])
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('EXPIRE', KEYS[1], 7200)
return redis.call('ZCARD', KEYS[1])

-- Take a way to answer that is good for one answer. KEYS: ways. ARGV: kind, the way as it was seen.
-- Answers 1 to the one who gets it.
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
return redis.call('HDEL', KEYS[1], ARGV[1])

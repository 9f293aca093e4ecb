-- Keep a fetched token under the next number. KEYS: token, fetching. ARGV: who fetched it, value, until ms, ms until swept.
-- Answers its number; the same token kept again by the same one has the same number.
if redis.call('HGET', KEYS[1], 'by') ~= ARGV[1] then
  redis.call('HDEL', KEYS[1], 'code', 'refused')
  redis.call('HSET', KEYS[1], 'token', ARGV[2], 'until', ARGV[3], 'by', ARGV[1])
  redis.call('HINCRBY', KEYS[1], 'number', 1)
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
return redis.call('HGET', KEYS[1], 'number')

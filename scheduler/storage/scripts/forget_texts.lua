-- Drop what was written of corrections that were closed long ago. KEYS: closed ones by time, texts.
-- ARGV: closed before this ms, at most so many. How many were dropped; the rest is for the next call.
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])
if #ids == 0 then return 0 end
redis.call('HDEL', KEYS[2], unpack(ids))
redis.call('ZREM', KEYS[1], unpack(ids))
return #ids

-- Count what somebody thinks of a topic's answer, once; another verdict takes the place of the first.
-- KEYS: rated, ratings. ARGV: topic, verdict, seconds until a person's verdict is swept.
local before = redis.call('GET', KEYS[1])
if before == ARGV[2] then return 0 end
if before then redis.call('HINCRBY', KEYS[2], ARGV[1] .. '/' .. before, -1) end
redis.call('HINCRBY', KEYS[2], ARGV[1] .. '/' .. ARGV[2], 1)
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1

-- Note when a platform was heard; answers the moment noted before, or false. A late word never turns time back.
-- KEYS: heard. ARGV: platform, ms.
local before = redis.call('HGET', KEYS[1], ARGV[1])
if not before or tonumber(before) < tonumber(ARGV[2]) then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end
return before

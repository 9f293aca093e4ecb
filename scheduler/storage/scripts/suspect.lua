-- When it was said last that something may not work, or that it is said now. KEYS: campaign -> ms, troubles.
-- ARGV: campaign, now in ms, after how many ms it is said again, troubles older than this ms are of no account any more.
-- The moment under which it is said.
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. ARGV[4])
local last = tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or 0)
if tonumber(ARGV[2]) - last < tonumber(ARGV[3]) then return last end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return tonumber(ARGV[2])

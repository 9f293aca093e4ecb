-- Say whether a night is still free, and take it; ISO dates, of which a later one is the greater.
-- KEYS: clustered. ARGV: date.
local before = redis.call('GET', KEYS[1])
if before and before >= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
return 1

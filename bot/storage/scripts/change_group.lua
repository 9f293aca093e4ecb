-- Store what is remembered of a group, if nobody changed it since it was read.
-- KEYS: talk. ARGV: the revision that was read, talk, ms until swept.
if (redis.call('HGET', KEYS[1], 'revision') or '0') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'revision', tonumber(ARGV[1]) + 1, 'talk', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1

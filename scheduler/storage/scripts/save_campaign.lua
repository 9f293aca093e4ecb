-- Store a campaign if nobody changed it since it was read; the same again is a yes.
-- KEYS: the campaign, the set of ids. ARGV: id, seen revision, new revision, status, body.
local stored = redis.call('HMGET', KEYS[1], 'revision', 'body')
if stored[2] == ARGV[5] then return 1 end
if tonumber(stored[1] or 0) ~= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'revision', ARGV[3], 'status', ARGV[4], 'body', ARGV[5])
redis.call('SADD', KEYS[2], ARGV[1])
return 1

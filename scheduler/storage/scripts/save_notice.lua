-- Store a notice if nobody changed it since it was read; the same again by the same person is a yes: of two who press
-- at once only one did it. What moves it goes into the evidence.
-- KEYS: the notice, the set of moving ones, unsealed evidence.
-- ARGV: number, seen revision, new revision, status, body, whether it moves, now, by, digest of its words, addresses.
local stored = redis.call('HMGET', KEYS[1], 'revision', 'body', 'status', 'by')
if stored[2] == ARGV[5] and stored[4] == ARGV[8] then return 1 end
if tonumber(stored[1] or 0) ~= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'revision', ARGV[3], 'status', ARGV[4], 'body', ARGV[5], 'by', ARGV[8])
redis.call(ARGV[6] == '1' and 'SADD' or 'SREM', KEYS[2], ARGV[1])
if stored[3] ~= ARGV[4] then
  witness(KEYS[3], {kind = 'notice', at = tonumber(ARGV[7]), notice = tonumber(ARGV[1]), was = stored[3] or '',
    is = ARGV[4], by = ARGV[8], said = ARGV[9], addresses = tonumber(ARGV[10])})
end
return 1

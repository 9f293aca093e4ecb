-- Move a student's state and the counters of the class together; the same again is a yes.
-- KEYS: campaign, states of the class, counters. ARGV: class, sid, new state.
if redis.call('HGET', KEYS[1], 'status') ~= 'open' then return 0 end
local stored = redis.call('HGET', KEYS[2], ARGV[2])
if stored == ARGV[3] then return 1 end
local old = stored and cjson.decode(stored) or {state = 'none'}
local new = cjson.decode(ARGV[3])
if new.count ~= (old.count or 0) + 1 then return 0 end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
local counts = cjson.decode(redis.call('HGET', KEYS[3], ARGV[1]) or '{}')
if old.state ~= 'none' then counts[old.state] = counts[old.state] - 1 end
if new.state ~= 'none' then counts[new.state] = (counts[new.state] or 0) + 1 end
redis.call('HSET', KEYS[3], ARGV[1], cjson.encode(counts))
return 1

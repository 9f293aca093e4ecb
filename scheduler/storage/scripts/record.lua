-- Move a student's state and the counters of the class together; the same again is a yes. A student whom an import
-- has moved since is found in the class of now.
-- KEYS: campaign, counters, what states begin with, roster, what imports begin with, unsealed evidence.
-- ARGV: class, sid, new state, campaign's id.
if redis.call('HGET', KEYS[1], 'status') ~= 'open' then return 0 end
local sid, new = ARGV[2], cjson.decode(ARGV[3])
local class = class_now(KEYS[4], KEYS[5], sid, ARGV[1])
if not class then return 0 end
if class ~= ARGV[1] and redis.call('HEXISTS', KEYS[2], class) == 0 then return 0 end -- no class of this campaign
local stored = redis.call('HGET', KEYS[3] .. class, sid)
if stored == ARGV[3] then return 1 end
local old = stored and cjson.decode(stored) or {state = 'none'}
if new.count ~= (old.count or 0) + 1 then return 0 end
redis.call('HSET', KEYS[3] .. class, sid, ARGV[3])
local counts = cjson.decode(redis.call('HGET', KEYS[2], class) or '{}')
if old.state ~= 'none' then counts[old.state] = counts[old.state] - 1 end
if new.state ~= 'none' then counts[new.state] = (counts[new.state] or 0) + 1 end
redis.call('HSET', KEYS[2], class, cjson.encode(counts))
witness(KEYS[6], {kind = 'state', at = new.at, campaign = ARGV[4], class = class, who = sid, by = new.by,
  was = old.state, is = new.state, grade = new.grade, item = new.items and new.items[#new.items], late = new.late})
return 1

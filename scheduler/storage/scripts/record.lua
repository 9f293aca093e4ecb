-- Move a student's state and the counters of the class together; the same again is a yes. A student whom an import
-- has moved since is found in the class of now.
-- KEYS: campaign, counters, what states begin with, roster, what imports begin with, unsealed evidence, troubles, whom
-- others stated for, hand-ins.
-- ARGV: class, sid, new state, campaign's id, ms if it says that something does not work there (0: it does not), stage,
-- most that others may state for in a class and stage (0: any number), 1 if only while the class has not handed in.
-- Answers 1, 0 if somebody was quicker, the campaign is over or the class has handed in, 2 if others have stated for as many as they may.
if redis.call('HGET', KEYS[1], 'status') ~= 'open' then return 0 end
local sid, new = ARGV[2], cjson.decode(ARGV[3])
local class = class_now(KEYS[4], KEYS[5], sid, ARGV[1])
if not class then return 0 end
if class ~= ARGV[1] and redis.call('HEXISTS', KEYS[2], class) == 0 then return 0 end -- no class of this campaign
local stored = redis.call('HGET', KEYS[3] .. class, sid)
if stored == ARGV[3] then return 1 end
local old = stored and cjson.decode(stored) or {state = 'none'}
if new.count ~= (old.count or 0) + 1 then return 0 end
if ARGV[8] == '1' and redis.call('HEXISTS', KEYS[9], class) == 1 then return 0 end
local most, field = tonumber(ARGV[7]), ARGV[6] .. ':' .. class
if most > 0 then
  local stated, known = cjson.decode(redis.call('HGET', KEYS[8], field) or '[]'), false
  for _, one in ipairs(stated) do known = known or one == sid end
  if not known and #stated >= most then return 2 end
  if not known then
    stated[#stated + 1] = sid
    redis.call('HSET', KEYS[8], field, cjson.encode(stated))
  end
end
if ARGV[5] ~= '0' then redis.call('ZADD', KEYS[7], ARGV[5], sid) end
redis.call('HSET', KEYS[3] .. class, sid, ARGV[3])
local counts = cjson.decode(redis.call('HGET', KEYS[2], class) or '{}')
recount(counts, old, new)
redis.call('HSET', KEYS[2], class, cjson.encode(counts))
witness(KEYS[6], {kind = 'state', at = new.at, campaign = ARGV[4], class = class, who = sid, by = new.by,
  was = old.state, is = new.state, grade = new.grade, item = new.items and new.items[#new.items], late = new.late, why = new.reason})
return 1

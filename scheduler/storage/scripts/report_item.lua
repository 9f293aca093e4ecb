-- Keep a reported item, once while it is open; what was written of it takes the place of what was written before.
-- KEYS: corrections, those that are open, whose they are, texts, unsealed evidence.
-- ARGV: id for a new one, its record, campaign/student/item, student, text ("" for none), campaign.
-- The id under which it is kept, or false if the new id is taken.
local id = redis.call('HGET', KEYS[2], ARGV[3])
if not id then
  id = ARGV[1]
  if redis.call('HSETNX', KEYS[1], id, ARGV[2]) == 0 then return false end
  redis.call('HSET', KEYS[2], ARGV[3], id)
  local own = cjson.decode(redis.call('HGET', KEYS[3], ARGV[4]) or '[]')
  own[#own + 1] = id
  redis.call('HSET', KEYS[3], ARGV[4], cjson.encode(own))
  local new = cjson.decode(ARGV[2])
  witness(KEYS[5], {kind = 'correction', at = new.at, campaign = ARGV[6], class = new.class_id, who = ARGV[4],
    by = new.by, item = new.item, is = 'reported'})
end
if ARGV[5] ~= '' then redis.call('HSET', KEYS[4], id, ARGV[5]) end
return id

-- Take a correction to its next step; the same again is a yes.
-- KEYS: corrections, those that are open, texts, closed ones by time, unsealed evidence.
-- ARGV: id, new record, campaign/student/item, ms if it is closed with this (0: it is not), text ("" leaves it).
local stored = redis.call('HGET', KEYS[1], ARGV[1])
if not stored then return 0 end
if stored == ARGV[2] then return 1 end
local old, new = cjson.decode(stored), cjson.decode(ARGV[2])
if new.count ~= (old.count or 1) + 1 then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
if ARGV[4] ~= '0' then
  redis.call('HDEL', KEYS[2], ARGV[3])
  redis.call('ZADD', KEYS[4], ARGV[4], ARGV[1])
end
if ARGV[5] ~= '' then redis.call('HSET', KEYS[3], ARGV[1], ARGV[5]) end
witness(KEYS[5], {kind = 'correction', at = new.at, campaign = new.campaign, class = new.class_id, who = new.sid,
  by = new.by, item = new.item, was = old.step or 'reported', is = new.step, why = new.reason})
return 1

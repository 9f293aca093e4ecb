-- Tick signatures of one class, all or none; the same again is a yes. What somebody stated is not changed here, but a
-- signature proves what was not counted before.
-- KEYS: campaign, what states begin with, roster, what imports begin with, unsealed evidence, hand-ins, counters.
-- ARGV: class, campaign's id, now in ISO, by, then for each: sid, new state.
-- Answers done, over (not open), handed (the class's papers are handed in) or again (somebody was quicker, or moved).
if redis.call('HGET', KEYS[1], 'status') ~= 'open' then return 'over' end
local class, states = ARGV[1], KEYS[2] .. ARGV[1]
if redis.call('HEXISTS', KEYS[6], class) == 1 then return 'handed' end
local changed, counts = {}, cjson.decode(redis.call('HGET', KEYS[7], class) or '{}')
for place = 5, #ARGV, 2 do
  local sid, text = ARGV[place], ARGV[place + 1]
  local stored = redis.call('HGET', states, sid)
  if stored ~= text then
    local old, new = stored and cjson.decode(stored) or {state = 'none'}, cjson.decode(text)
    if class_now(KEYS[3], KEYS[4], sid, class) ~= class then return 'again' end
    if new.count ~= (old.count or 0) + 1 then return 'again' end
    recount(counts, old, new)
    changed[#changed + 1] = place
  end
end
for _, place in ipairs(changed) do
  local sid, new = ARGV[place], cjson.decode(ARGV[place + 1])
  redis.call('HSET', states, sid, ARGV[place + 1])
  witness(KEYS[5], {kind = 'paper', at = ARGV[3], campaign = ARGV[2], class = class, who = sid, by = ARGV[4],
    is = new.signed_at and 'signed' or 'unsigned', grade = new.grade})
end
if #changed > 0 then redis.call('HSET', KEYS[7], class, cjson.encode(counts)) end
return 'done'

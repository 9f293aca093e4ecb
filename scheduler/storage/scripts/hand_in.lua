-- Put down that a class or a college has handed in, or that it has not after all; once, and by whom stays as it was.
-- KEYS: campaign, hand-ins, unsealed evidence.
-- ARGV: class id or college:name, its hand-in ("" takes it back), campaign's id, now in ISO, by.
-- Answers done, over (the campaign is not open) or same (it is so already).
if redis.call('HGET', KEYS[1], 'status') ~= 'open' then return 'over' end
local changed
if ARGV[2] == '' then
  changed = redis.call('HDEL', KEYS[2], ARGV[1])
else
  changed = redis.call('HSETNX', KEYS[2], ARGV[1], ARGV[2])
end
if changed == 0 then return 'same' end
witness(KEYS[3], {kind = 'paper', at = ARGV[4], campaign = ARGV[3], class = ARGV[1], by = ARGV[5],
  is = ARGV[2] == '' and 'back' or 'handed'})
return 'done'

-- Claim a slot that is claimed again and again, with its deliveries, unless it was claimed a short while ago.
-- ARGV: campaign, slot, now, gap in ms, then id and envelope of each delivery.
-- Answers the moment (ms) of the claim that is too near, or an empty string, and how many deliveries were queued.
local campaign, slot, now, gap = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
if not is_open(campaign) then return {'', 0} end
local before = redis.call('HGET', slots_of .. campaign, slot)
local at = before and tonumber(string.match(before, '^(%d+) '))
if at and now < at + gap then return {tostring(at), 0} end
local revision = redis.call('HGET', campaign_of .. campaign, 'revision')
redis.call('HSET', slots_of .. campaign, slot, ARGV[3] .. ' ' .. revision .. ' nudged')
local count = 0
for place = 5, #ARGV, 2 do
  local id, envelope = ARGV[place], cjson.decode(ARGV[place + 1])
  if still_owes(envelope.kind, envelope) and redis.call('HEXISTS', deliveries, id) == 0 then
    enqueue(id, envelope, now)
    count = count + 1
  end
end
return {'', count}

-- Claim wave slots and queue their deliveries. ARGV: campaign, now, unknown as outcome, number of slots, slots...,
-- then for each delivery: id, envelope, and its slots in the order of its classes, counted.
-- A message to a group then speaks of the classes whose slots were free. What may have been sent before a failover comes
-- as a repeat: a person hears it as one, a group only when somebody has decided so.
-- Answers the slots that were free, and how many deliveries were queued.
local campaign, now, slots = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[4])
if not is_open(campaign) then return {{}, 0} end
local revision = redis.call('HGET', campaign_of .. campaign, 'revision')
local claimed, mine = {}, {}
for place = 5, 4 + slots do
  local slot = ARGV[place]
  if redis.call('HSETNX', slots_of .. campaign, slot, ARGV[2] .. ' ' .. revision .. ' claimed') == 1 then
    claimed[#claimed + 1] = slot
    mine[slot] = true
  end
end

local count, place = 0, 5 + slots
while place <= #ARGV do
  local id, envelope, own = ARGV[place], cjson.decode(ARGV[place + 1]), tonumber(ARGV[place + 2])
  local classes, number = {}, 0
  for class in string.gmatch(envelope.classes, '%S+') do
    number = number + 1
    if mine[ARGV[place + 2 + number]] then classes[#classes + 1] = class end
  end
  if envelope.kind == 'group-wave' then envelope.classes = table.concat(classes, ' ') end
  if #classes > 0 and still_owes(envelope) and redis.call('HEXISTS', deliveries, id) == 0 then
    if envelope['repeat'] == 1 and envelope.kind == 'group-wave' then
      leave_unknown(id, envelope, now, now, ARGV[3])
    else
      enqueue(id, envelope, now)
    end
    count = count + 1
  end
  place = place + 3 + own
end
return {claimed, count}

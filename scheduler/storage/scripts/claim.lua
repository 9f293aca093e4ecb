-- Claim wave slots and queue their deliveries. ARGV: campaign, now, unknown as outcome, and as JSON the slots and then
-- for each delivery: id, envelope, and of its classes in their order the place of the slot, 0 where it is not asked for.
-- A message to a group then speaks of the classes whose slots were free. What may have been sent before a failover comes
-- as a repeat: a person hears it as one, a group only when somebody has decided so.
-- Answers the slots that were free, and how many deliveries were queued.
local campaign, now = ARGV[1], tonumber(ARGV[2])
if not is_open(campaign) then return {{}, 0} end
local slots, asked = unpack(cjson.decode(ARGV[4]))
local became = ARGV[2] .. ' ' .. redis.call('HGET', campaign_of .. campaign, 'revision') .. ' claimed'
local claimed, mine = {}, {}
for place, slot in ipairs(slots) do
  if redis.call('HSETNX', slots_of .. campaign, slot, became) == 1 then
    claimed[#claimed + 1] = slot
    mine[place] = true
  end
end

local count = 0
for _, one in ipairs(asked) do
  local id, envelope, places = unpack(one)
  local classes, number = {}, 0
  for class in string.gmatch(envelope.classes, '%S+') do
    number = number + 1
    if mine[places[number]] then classes[#classes + 1] = class end
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
end
return {claimed, count}

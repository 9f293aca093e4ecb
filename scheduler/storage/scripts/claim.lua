-- Claim wave slots and queue their deliveries. ARGV: now, unknown as outcome, and as JSON the slots and then for each
-- delivery: id, envelope.
-- A message to a group then speaks of the classes whose slots were claimed here, one to a person goes with the slot of
-- its first class; any message speaks of the campaigns that are open and in which it has something to say. What may have
-- been sent before a failover comes as a repeat: a person hears it as one, a group only when somebody has decided so.
-- Answers the slots that were free, and how many deliveries were queued.
local now, slots, asked = tonumber(ARGV[1]), unpack(cjson.decode(ARGV[3]))

-- What a slot of a campaign is claimed with; false if it is not open.
local with = {}
local function claimed_with(campaign)
  if with[campaign] == nil then
    with[campaign] = is_open(campaign)
      and ARGV[1] .. ' ' .. redis.call('HGET', campaign_of .. campaign, 'revision') .. ' claimed'
  end
  return with[campaign]
end

local claimed, mine = {}, {}
for _, slot in ipairs(slots) do
  local campaign = string.match(slot, '^[^:]+')
  local became = claimed_with(campaign)
  if became and redis.call('HSETNX', slots_of .. campaign, slot, became) == 1 then
    claimed[#claimed + 1] = slot
    mine[slot] = true
  end
end

-- Those sections of a delivery that were claimed here and have something to say.
local function claimed_sections(sections, kind)
  local found = {}
  for _, one in ipairs(sections) do
    local classes = {}
    for class in string.gmatch(one.classes, '%S+') do
      if mine[one.campaign .. ':' .. one.wave .. ':' .. class] then classes[#classes + 1] = class end
      if kind ~= 'group-wave' then break end
    end
    if kind == 'group-wave' then one.classes = table.concat(classes, ' ') end
    if #classes > 0 and still_owes(kind, one) then found[#found + 1] = one end
  end
  return found
end

local count = 0
for _, one in ipairs(asked) do
  local id, envelope = unpack(one)
  local whole = sections_of(envelope)
  local sections = claimed_sections(whole, envelope.kind)
  if #sections > 0 and redis.call('HEXISTS', deliveries, id) == 0 then
    if #sections < #whole then envelope = saying(envelope, sections) end
    if envelope['repeat'] == 1 and envelope.kind == 'group-wave' then
      leave_unknown(id, envelope, now, now, ARGV[2])
    else
      enqueue(id, envelope, now)
    end
    count = count + 1
  end
end
return {claimed, count}

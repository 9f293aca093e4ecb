-- Store what an owner is related to, and the way back from each target, in one step.
-- KEYS: hash owner -> record, hash target -> owners. ARGV: owner, record ("" forgets it), targets...
-- The record carries its targets in "targets", so that the next change can undo the way back.
local owner, record = ARGV[1], ARGV[2]

local function owners_of(target)
  local stored = redis.call('HGET', KEYS[2], target)
  return stored and cjson.decode(stored) or {}
end

local function keep(target, owners)
  if #owners == 0 then
    redis.call('HDEL', KEYS[2], target)
  else
    table.sort(owners)
    redis.call('HSET', KEYS[2], target, cjson.encode(owners))
  end
end

local before = redis.call('HGET', KEYS[1], owner)
if before then
  for _, target in ipairs(cjson.decode(before).targets) do
    local others = {}
    for _, other in ipairs(owners_of(target)) do
      if other ~= owner then others[#others + 1] = other end
    end
    keep(target, others)
  end
end
if record == '' then
  redis.call('HDEL', KEYS[1], owner)
  return 0
end
redis.call('HSET', KEYS[1], owner, record)
for place = 3, #ARGV do
  local owners = owners_of(ARGV[place])
  owners[#owners + 1] = owner
  keep(ARGV[place], owners)
end
return 1

-- Somebody is nobody any more among those whom notices were for; how many there were stays. What waits for them is
-- dropped before.
-- ARGV: student, to which addresses as JSON ("": to whatever one), numbers of notices... How often it was them.
local addresses, erased = ARGV[2] ~= '' and cjson.decode(ARGV[2]), 0

local function is_theirs(result)
  if not addresses then return true end
  for _, address in ipairs(addresses) do
    if result.to == address then return true end
  end
  return false
end

for place = 3, #ARGV do
  local results, counts = notice_results .. ARGV[place], notice_counts .. ARGV[place]
  local stored = redis.call('HGET', results, ARGV[1])
  local result = stored and cjson.decode(stored)
  if result and is_theirs(result) then
    if result.delivery then redis.call('HDEL', parked, result.delivery) end
    redis.call('HDEL', results, ARGV[1])
    redis.call('HINCRBY', counts, result.state, -1)
    local nobody = 'erased:' .. ((tonumber(redis.call('HGET', counts, 'erased')) or 0) + 1)
    note_result(ARGV[place], nobody, {state = 'erased', at = result.at, to = '', classes = '', sid = '',
      in_group = false, why = '', message_id = ''})
    erased = erased + 1
  end
end
return erased

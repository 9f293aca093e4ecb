-- Queue the taking back of messages that have arrived. ARGV: number, now, then for each: target, message's id, id,
-- envelope. Answers how many were queued.
local number = 0
for place = 3, #ARGV, 4 do
  local target, id = ARGV[place], ARGV[place + 2]
  local stored = redis.call('HGET', notice_results .. ARGV[1], target)
  local result = stored and cjson.decode(stored)
  local there = result and result.state == 'accepted' and result.message_id == ARGV[place + 1]
  if there and result.recall ~= 'asked' then
    note_result(ARGV[1], target, {recall = 'asked'})
    enqueue(id, cjson.decode(ARGV[place + 3]), tonumber(ARGV[2]))
    number = number + 1
  end
end
return number

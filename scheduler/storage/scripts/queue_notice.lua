-- Queue deliveries of a notice that is being sent, each unless its recipient stands elsewhere by now than was seen.
-- What may have been sent before a failover comes as a repeat and waits for somebody to decide.
-- ARGV: number, now, unknown as outcome, then for each: target, seen state ("": none), result, id, envelope ("": there is no address).
-- Answers how many were noted, or -1 if the notice is not being sent.
if redis.call('HGET', notices .. ARGV[1], 'status') ~= 'sending' then return -1 end
local number = 0
for place = 4, #ARGV, 5 do
  local target, seen, id, envelope = ARGV[place], ARGV[place + 1], ARGV[place + 3], ARGV[place + 4]
  local stored = redis.call('HGET', notice_results .. ARGV[1], target)
  local before = stored and cjson.decode(stored) or {}
  if (before.state or '') == seen then
    if before.delivery then redis.call('HDEL', parked, before.delivery) end
    local result = cjson.decode(ARGV[place + 2])
    result.delivery = id
    note_result(ARGV[1], target, result)
    local queued = envelope ~= '' and cjson.decode(envelope)
    if queued and queued['repeat'] == 1 then leave_unknown(id, queued, ARGV[2], ARGV[2], ARGV[3])
    elseif queued then enqueue(id, queued, tonumber(ARGV[2])) end
    number = number + 1
  end
end
return number

-- What a person decides of messages that may or may not have arrived. ARGV: now, the outcome of giving one up
-- ("": send it once more, marked as a repeat), ids... Answers those of which nobody else had decided.
local now, given_up, decided = tonumber(ARGV[1]), ARGV[2], {}
for place = 3, #ARGV do
  local id = ARGV[place]
  local stored = redis.call('HGET', parked, id)
  if stored then
    local envelope = cjson.decode(stored)
    redis.call('HDEL', parked, id)
    envelope['repeat'] = 1
    if given_up ~= '' then
      write_ledger(id, envelope, now, now, 'refused', given_up)
    else
      note_waiting(envelope, now)
      keep(id, envelope)
      join_line(id, envelope)
    end
    decided[#decided + 1] = id
  end
end
return decided

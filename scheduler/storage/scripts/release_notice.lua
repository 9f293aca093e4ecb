-- What was held while a notice was paused goes on to the gate. ARGV: number, at most. Answers how many there were.
local ids = redis.call('SPOP', notice_held .. ARGV[1], ARGV[2])
for _, id in ipairs(ids) do
  local envelope = envelope_of(id)
  if envelope then join_line(id, envelope) end
end
return #ids

-- Take what dead relays left of a stream. ARGV: lane, stream, worker, ms without a sign of life.
-- Answers entry, id, address, ...
local lane, stream, worker = ARGV[1], ARGV[2], ARGV[3]
show_life(lane, worker)
local taken = {}
for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', stream, 'relays')) do
  local name, pending = consumer[2], consumer[4]
  if name ~= worker and not lives(lane, name, tonumber(ARGV[4])) then
    if pending == 0 then redis.call('XGROUP', 'DELCONSUMER', stream, 'relays', name) end
    for _, entry in ipairs(redis.call('XPENDING', stream, 'relays', '-', '+', 100, name)) do
      for _, claimed in ipairs(redis.call('XCLAIM', stream, 'relays', worker, 0, entry[1])) do
        if claimed then
          taken[#taken + 1] = claimed[1]
          taken[#taken + 1] = claimed[2][2]
          taken[#taken + 1] = claimed[2][4]
        end
      end
    end
  end
end
return taken

-- Say that this relay lives, and take what dead ones left. ARGV: stream, worker, ms without a sign of life.
-- The server's own time is used: it is about processes, not about deadlines. Answers entry, id, address, ...
local stream, worker = ARGV[1], ARGV[2]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', relays, now, worker)
redis.call('ZREMRANGEBYSCORE', relays, '-inf', now - 86400000)
local taken = {}
for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', stream, 'relays')) do
  local name, pending = consumer[2], consumer[4]
  local seen = redis.call('ZSCORE', relays, name)
  if name ~= worker and (not seen or now - seen >= tonumber(ARGV[3])) then
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

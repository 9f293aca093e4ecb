-- Drop the attempts to reach somebody from a part of the ledger; its figures and the evidence say that there were some.
-- KEYS: ledger, what was queued one by one. ARGV: from which entry on, at most so many, addresses as JSON, whom the
-- delivery's name may name ("": nobody).
-- Answers the last entry looked at ("": there is none further) and how many were dropped.
local gone, dropped, last = {}, 0, ''
for _, address in ipairs(cjson.decode(ARGV[3])) do gone[address] = true end
for _, line in ipairs(redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[2])) do
  local id, to
  for place = 1, #line[2], 2 do
    if line[2][place] == 'd' then id = line[2][place + 1] end
    if line[2][place] == 'to' then to = line[2][place + 1] end
  end
  if gone[to] or (ARGV[4] ~= '' and string.find(id, ARGV[4], 1, true)) then
    redis.call('ZREM', KEYS[2], id)
    dropped = dropped + redis.call('XDEL', KEYS[1], line[1])
  end
  last = line[1]
end
return {last, dropped}

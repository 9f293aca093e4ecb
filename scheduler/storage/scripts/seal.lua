-- Move entries that wait into the chain, if they still wait, it still ends where the digests were made from, and
-- everybody in them still has the same key.
-- KEYS: chain, unsealed, head, keys. ARGV: entries seen, last digest, now, number of entries, then for each its id while
-- it waited and its line; then for each person: who, key that was seen ("": none), key.
-- Answers 1, or 0 if somebody was quicker.
local chain, unsealed, head, keys = unpack(KEYS)
local seen, entries = tonumber(ARGV[1]), tonumber(ARGV[4])
if tonumber(redis.call('HGET', head, 'count') or 0) ~= seen then return 0 end
if #redis.call('XRANGE', unsealed, ARGV[5], ARGV[5]) == 0 then return 0 end -- sealed by somebody since it was read
local people = 5 + 2 * entries
for place = people, #ARGV, 3 do
  if (redis.call('HGET', keys, ARGV[place]) or '') ~= ARGV[place + 1] then return 0 end
end
for place = people, #ARGV, 3 do redis.call('HSET', keys, ARGV[place], ARGV[place + 2]) end
for number = 1, entries do
  local place = 3 + 2 * number
  redis.call('XADD', chain, (seen + number) .. '-0', 'e', ARGV[place + 1])
  redis.call('XDEL', unsealed, ARGV[place])
end
redis.call('HSET', head, 'count', seen + entries, 'digest', ARGV[2], 'at', ARGV[3])
return 1

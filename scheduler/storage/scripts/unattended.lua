-- Of these lanes those on which nobody relays. ARGV: ms without a sign of life, lanes.
local attended = {}
for _, relay in ipairs(redis.call('ZRANGEBYSCORE', relays, server_now() - ARGV[1], '+inf')) do
  attended[string.match(relay, '%S+')] = true
end
local found = {}
for place = 2, #ARGV do
  if not attended[ARGV[place]] then found[#found + 1] = ARGV[place] end
end
return found

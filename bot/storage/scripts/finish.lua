-- An update is done with. KEYS: updates, tries, aside. ARGV: entry, why it could not be handled or "".
local was_there = redis.call('XDEL', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
if was_there == 1 and ARGV[2] ~= '' then redis.call('HINCRBY', KEYS[3], ARGV[2], 1) end
return was_there

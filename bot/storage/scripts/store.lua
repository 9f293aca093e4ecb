-- Keep updates that were not seen before. KEYS: updates, seen. ARGV: forget seen before ms,
-- then for each update: platform, key, chat, body, received ms. Answers how many were new.
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[1])
local new = 0
for place = 2, #ARGV, 5 do
  local platform, key = ARGV[place], ARGV[place + 1]
  if redis.call('ZADD', KEYS[2], 'NX', ARGV[place + 4], platform .. ':' .. key) == 1 then
    redis.call('XADD', KEYS[1], '*', 'p', platform, 'k', key, 'c', ARGV[place + 2], 'b', ARGV[place + 3],
      't', ARGV[place + 4])
    new = new + 1
  end
end
return new

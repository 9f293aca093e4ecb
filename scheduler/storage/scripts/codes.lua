-- Give each student the fresh code, unless they have one or the code belongs to somebody else.
-- KEYS: hash sid -> code, hash code -> sid. ARGV: sid, code, ...
for place = 1, #ARGV, 2 do
  local sid, code = ARGV[place], ARGV[place + 1]
  if redis.call('HEXISTS', KEYS[1], sid) == 0 and redis.call('HSETNX', KEYS[2], code, sid) == 1 then
    redis.call('HSET', KEYS[1], sid, code)
  end
end
return 1

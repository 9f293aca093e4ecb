-- Put these ways to answer in the place of what was kept. KEYS: ways. ARGV: ms until swept, then kind, way ...
redis.call('DEL', KEYS[1])
for place = 2, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[place], ARGV[place + 1])
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1

-- Set how many students classes have. KEYS: counters. ARGV: class, number, ...
for place = 1, #ARGV, 2 do
  local counts = cjson.decode(redis.call('HGET', KEYS[1], ARGV[place]) or '{}')
  counts.size = tonumber(ARGV[place + 1])
  redis.call('HSET', KEYS[1], ARGV[place], cjson.encode(counts))
end
return 1

-- Write rows of an import beside the current one; given up, it is swept after a day.
-- KEYS: the hash. ARGV: field, value, ...
for place = 1, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[place], ARGV[place + 1])
end
redis.call('EXPIRE', KEYS[1], 86400)
return 1

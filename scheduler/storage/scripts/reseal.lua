-- Put what was sealed anew in the place of what it was made of, where that still stands. KEYS: texts.
-- ARGV: id, as it was, as it is now, ... How many were replaced.
local replaced = 0
for place = 1, #ARGV, 3 do
  if redis.call('HGET', KEYS[1], ARGV[place]) == ARGV[place + 1] then
    redis.call('HSET', KEYS[1], ARGV[place], ARGV[place + 2])
    replaced = replaced + 1
  end
end
return replaced

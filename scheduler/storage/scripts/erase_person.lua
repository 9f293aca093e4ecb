-- Drop what is kept of a person beside the roster and the states of its classes.
-- KEYS: those who are gone by number, codes, code owners, words on monitors, days of reminders, then for each campaign:
-- departed, told, troubles, whom others stated for, and last the readings of each notice. ARGV: student number, student,
-- number of campaigns.
-- How much there was.
local number, sid, dropped = ARGV[1], ARGV[2], 0
local former = redis.call('HGET', KEYS[1], number)
if former and cjson.decode(former).sid == sid then dropped = dropped + redis.call('HDEL', KEYS[1], number) end
local code = redis.call('HGET', KEYS[2], sid)
if code then redis.call('HDEL', KEYS[3], code) end
for place = 2, 5 do
  if place ~= 3 then dropped = dropped + redis.call('HDEL', KEYS[place], sid) end
end
local readings = 6 + 4 * tonumber(ARGV[3])
for place = readings, #KEYS do dropped = dropped + redis.call('HDEL', KEYS[place], sid) end
for place = 6, readings - 1, 4 do
  dropped = dropped + redis.call('HDEL', KEYS[place], sid) + redis.call('HDEL', KEYS[place + 1], sid)
  dropped = dropped + redis.call('ZREM', KEYS[place + 2], sid)
  local stated = redis.call('HGETALL', KEYS[place + 3])
  for field = 1, #stated, 2 do
    local others = {}
    for _, one in ipairs(cjson.decode(stated[field + 1])) do
      if one ~= sid then others[#others + 1] = one end
    end
    redis.call('HSET', KEYS[place + 3], stated[field], cjson.encode(others))
  end
end
return dropped

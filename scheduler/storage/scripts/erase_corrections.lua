-- Drop what was written of a student's corrections, and with 1 the corrections themselves.
-- KEYS: corrections, those that are open, whose they are, texts, closed ones by time. ARGV: student, 1 or 0.
-- How many there were.
local own = cjson.decode(redis.call('HGET', KEYS[3], ARGV[1]) or '[]')
for _, id in ipairs(own) do
  redis.call('HDEL', KEYS[4], id)
  if ARGV[2] == '1' then
    local stored = redis.call('HGET', KEYS[1], id)
    if stored then
      local found = cjson.decode(stored)
      redis.call('HDEL', KEYS[2], found.campaign .. '/' .. found.sid .. '/' .. found.item)
    end
    redis.call('HDEL', KEYS[1], id)
    redis.call('ZREM', KEYS[5], id)
  end
end
if ARGV[2] == '1' then redis.call('HDEL', KEYS[3], ARGV[1]) end
return #own

-- Whether one more is answered; the same one always hears the same.
-- KEYS: answered, held back. ARGV: message, ms, ms since when, ms until when to be silent, most.
local message, now = ARGV[1], tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
if redis.call('ZSCORE', KEYS[1], message) then return 'granted' end
local held = redis.call('HMGET', KEYS[2], 'until', 'by')
if held[1] and now < tonumber(held[1]) then
  return held[2] == message and 'told' or 'silent'
end
local silent_for = tonumber(ARGV[4]) - now
if redis.call('ZCARD', KEYS[1]) < tonumber(ARGV[5]) then
  redis.call('ZADD', KEYS[1], now, message)
  redis.call('PEXPIRE', KEYS[1], silent_for * 2)
  return 'granted'
end
redis.call('HSET', KEYS[2], 'until', ARGV[4], 'by', message)
redis.call('PEXPIRE', KEYS[2], silent_for * 2)
return 'told'

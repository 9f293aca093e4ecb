-- Use up a code. KEYS: hash sid -> code, hash code -> sid. ARGV: code. The sid, or false.
local sid = redis.call('HGET', KEYS[2], ARGV[1])
if sid then
  redis.call('HDEL', KEYS[2], ARGV[1])
  redis.call('HDEL', KEYS[1], sid)
end
return sid

-- Note that a process serves, forget those that are gone, and say which reload was asked for last.
-- KEYS: reload, processes. ARGV: process, ms after which a process that was not seen is gone.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[2], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[2])
return redis.call('GET', KEYS[1]) or ''

-- Ask every serving process for a reload, and say which serve now; asked again with the same id it is the same reload.
-- KEYS: reload, processes. ARGV: id of the reload, ms after which a process that was not seen is gone.
redis.call('SET', KEYS[1], ARGV[1])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return redis.call('ZRANGEBYSCORE', KEYS[2], now - ARGV[2], '+inf')

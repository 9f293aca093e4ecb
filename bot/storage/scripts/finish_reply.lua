-- Nothing more is said in a reply. KEYS: reply.
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if not last or last[2][1] == 'over' then return 0 end
redis.call('XADD', KEYS[1], '*', 'over', 1)
return 1

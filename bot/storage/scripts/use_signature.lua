-- Whether a signature came around this message and no other. KEYS: signature. ARGV: message, ms until swept.
local before = redis.call('GET', KEYS[1])
if before then return before == ARGV[1] and 1 or 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1

-- Store a conversation, if it is still held. KEYS: lock, conversation. ARGV: fence, conversation, ms until swept.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
return 1

-- Store a conversation and, apart because it is swept sooner, the last question, if the conversation is still held,
-- and let go of it.
-- KEYS: lock, conversation, asked. ARGV: fence, conversation, ms until swept, last question, ms until that is swept.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
if ARGV[4] == '' then
  redis.call('DEL', KEYS[3])
else
  redis.call('SET', KEYS[3], ARGV[4], 'PX', ARGV[5])
end
redis.call('DEL', KEYS[1])
return 1

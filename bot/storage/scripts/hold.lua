-- Hold a conversation and read it, or answer false while another holds it.
-- KEYS: lock, fence, conversation, asked. ARGV: ms of the hold, ms after which a conversation is swept.
if redis.call('EXISTS', KEYS[1]) == 1 then return false end
local fence = tostring(redis.call('INCR', KEYS[2]))
redis.call('PEXPIRE', KEYS[2], ARGV[2])
redis.call('SET', KEYS[1], fence, 'PX', ARGV[1])
return {fence, redis.call('GET', KEYS[3]) or '', redis.call('GET', KEYS[4]) or ''}

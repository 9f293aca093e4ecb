-- Take or renew a partition. KEYS: lease, fence. ARGV: the fence held so far or "", ms, "alone" or "".
-- Answers the fence it is held under, or false while another process holds it.
local holder = redis.call('GET', KEYS[1])
if holder and holder == ARGV[1] then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return holder
end
if holder and ARGV[3] ~= 'alone' then return false end
local fence = tostring(redis.call('INCR', KEYS[2]))
redis.call('SET', KEYS[1], fence, 'PX', ARGV[2])
return fence

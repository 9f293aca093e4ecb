-- The updates behind the last one handed out, to who holds the partition. KEYS: lease, updates, tries.
-- ARGV: fence, last entry, at most. Answers {fields..., how often handling it began} of each, or false without the lease.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end
local handed = {}
for _, entry in ipairs(redis.call('XRANGE', KEYS[2], '(' .. ARGV[2], '+', 'COUNT', ARGV[3])) do
  handed[#handed + 1] = {entry[1], entry[2], tonumber(redis.call('HGET', KEYS[3], entry[1]) or 0)}
end
return handed

-- Begin a reply that a platform will fetch. KEYS: reply. ARGV: now ms, ms until swept.
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('XADD', KEYS[1], '*', 'begun', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1

-- Answer an errand, once. KEYS: answer. ARGV: text, ms until swept.
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('XADD', KEYS[1], '*', 'text', ARGV[1]) end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])

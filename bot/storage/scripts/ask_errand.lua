-- Put an errand at the end and ring. KEYS: errands, bell. ARGV: errand, ms until swept.
if not redis.call('LPOS', KEYS[1], ARGV[1]) then redis.call('RPUSH', KEYS[1], ARGV[1]) end
redis.call('XADD', KEYS[2], 'MAXLEN', 1, '*', 'rung', '')
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return redis.call('PEXPIRE', KEYS[1], ARGV[2])

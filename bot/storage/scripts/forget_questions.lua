-- Forget questions staff has seen to. KEYS: questions, asked. ARGV: the questions.
redis.call('ZREM', KEYS[2], unpack(ARGV))
return redis.call('ZREM', KEYS[1], unpack(ARGV))

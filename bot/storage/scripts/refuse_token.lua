-- Note that a platform refused a secret, if that is still news: by who was fetching, or of the token that is kept.
-- KEYS: token, fetching. ARGV: who was fetching or "", number of the token or 0, code, until ms, ms until swept.
local fetched = redis.call('GET', KEYS[2]) == ARGV[1]
if not fetched and redis.call('HGET', KEYS[1], 'number') ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], 'token', 'until')
redis.call('HSET', KEYS[1], 'code', ARGV[3], 'refused', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
if fetched then redis.call('DEL', KEYS[2]) end
return 1

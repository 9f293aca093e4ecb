-- Make an import the current one, if nobody was quicker.
-- KEYS: the roster, then the hashes of the import. ARGV: version, digest.
local version, digest = tonumber(ARGV[1]), ARGV[2]
local current = redis.call('HMGET', KEYS[1], 'version', 'import')
if current[2] == digest and tonumber(current[1]) == version then return 1 end
if version ~= tonumber(current[1] or 0) + 1 then return 0 end
for place = 2, #KEYS do redis.call('PERSIST', KEYS[place]) end
redis.call('HSET', KEYS[1], 'version', version, 'import', digest, 'before', current[2] or '')
return 1

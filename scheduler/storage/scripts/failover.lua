-- When another server took the place of the one that was written to: it may lack what was written last.
-- KEYS: hash replid, at. ARGV: now. Answers that moment (ms), as of the last look; false if it never happened.
-- A promoted server keeps the id of the log it followed as its second one; one that was restarted has none.
local info = redis.call('INFO', 'replication')
local own = string.match(info, 'master_replid:(%x+)')
local followed = string.match(info, 'master_replid2:(%x+)')
local known = redis.call('HGET', KEYS[1], 'replid')
if own ~= known then
  redis.call('HSET', KEYS[1], 'replid', own)
  if known and string.find(followed, '[^0]') then redis.call('HSET', KEYS[1], 'at', ARGV[1]) end
end
return redis.call('HGET', KEYS[1], 'at')

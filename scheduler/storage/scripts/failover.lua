-- When another server took the place of the one that was written to: it may lack what was written last.
-- KEYS: hash replid, at. ARGV: now. Answers that moment (ms), as of the last look, and 1 if this look found it out; false
-- if it never happened.
-- A promoted server keeps the id of the log it followed as its second one; one that was restarted has none.
local info = redis.call('INFO', 'replication')
local own = string.match(info, 'master_replid:(%x+)')
local followed = string.match(info, 'master_replid2:(%x+)')
local known, found_out = redis.call('HGET', KEYS[1], 'replid'), 0
if own ~= known then
  redis.call('HSET', KEYS[1], 'replid', own)
  if known and string.find(followed, '[^0]') then
    redis.call('HSET', KEYS[1], 'at', ARGV[1])
    found_out = 1
  end
end
local at = redis.call('HGET', KEYS[1], 'at')
return at and {at, found_out}

-- Move all that is stored of a group to its new address. KEYS: hash address -> record, hash class -> addresses,
-- hash of who cannot be reached. ARGV: old address, its record as it was seen ("" for none), new address, new record.
-- Answers 1, 0 if nothing was stored, or false if the record is not the one that was seen.
local old, seen, new, record = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if (redis.call('HGET', KEYS[1], old) or '') ~= seen then return false end
redis.call('HDEL', KEYS[3], old, new) -- the old one is no more; the new one has just been heard of
if seen == '' then return 0 end

local binds = redis.call('HSETNX', KEYS[1], new, record) == 1
for _, class in ipairs(cjson.decode(seen).targets) do
  local kept = {}
  for _, address in ipairs(cjson.decode(redis.call('HGET', KEYS[2], class) or '[]')) do
    if address ~= old and not (binds and address == new) then kept[#kept + 1] = address end
  end
  if binds then kept[#kept + 1] = new end
  table.sort(kept)
  if #kept == 0 then
    redis.call('HDEL', KEYS[2], class)
  else
    redis.call('HSET', KEYS[2], class, cjson.encode(kept))
  end
end
redis.call('HDEL', KEYS[1], old)
return 1

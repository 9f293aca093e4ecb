-- Change fields of hashes together, if each of them is still as it was seen. KEYS: the hashes.
-- ARGV: number of a key, field, what was seen ("" for nothing), what it becomes ("" forgets it), ...
-- Answers 1, or 0 if somebody was quicker and nothing was changed.
for place = 1, #ARGV, 4 do
  local now = redis.call('HGET', KEYS[tonumber(ARGV[place])], ARGV[place + 1]) or ''
  if now ~= ARGV[place + 2] then return 0 end
end
for place = 1, #ARGV, 4 do
  local key, field, becomes = KEYS[tonumber(ARGV[place])], ARGV[place + 1], ARGV[place + 3]
  if becomes == '' then
    redis.call('HDEL', key, field)
  elseif becomes ~= ARGV[place + 2] then
    redis.call('HSET', key, field, becomes)
  end
end
return 1

-- Count a question that had no answer, or none that helped. KEYS: questions, asked. ARGV: question, ms, most questions kept.
redis.call('ZINCRBY', KEYS[1], 1, ARGV[1])
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
local too_many = redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[3])
if too_many > 0 then
  for _, oldest in ipairs(redis.call('ZPOPMIN', KEYS[2], too_many)) do redis.call('ZREM', KEYS[1], oldest) end
end
return 1

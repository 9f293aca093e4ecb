-- What was put off and is due may go on. ARGV: lane, now, at most. Answers when the next is due, in ms, or false.
local due = redis.call('ZRANGEBYSCORE', lanes .. ARGV[1] .. ':later', '-inf', ARGV[2], 'LIMIT', 0, ARGV[3])
for _, id in ipairs(due) do
  redis.call('ZREM', lanes .. ARGV[1] .. ':later', id)
  local envelope = envelope_of(id)
  if envelope then
    if redis.call('ZSCORE', line_of(envelope), id) then offer(id, envelope) else join_line(id, envelope) end
  end
end
local next = redis.call('ZRANGE', lanes .. ARGV[1] .. ':later', 0, 0, 'WITHSCORES')
return next[2] or false

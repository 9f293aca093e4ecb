-- Drop from a part of the outbox what is for somebody who is erased. Of what is being sent at this moment nothing is
-- noted when its outcome comes.
-- ARGV: where to go on ("0": at the beginning), at most about so many, addresses as JSON, whom a delivery may be about
-- ("": nobody). Answers where to go on ("0": that was all) and how many were dropped.
local gone, sid, dropped = {}, ARGV[4], 0
for _, address in ipairs(cjson.decode(ARGV[3])) do gone[address] = true end

local function is_about_them(id, envelope)
  if sid == '' then return false end
  for _, one in ipairs(sections_of(envelope)) do
    if one.sid == sid then return true end
  end
  return string.find(id, sid, 1, true) ~= nil
end

local further, found = unpack(redis.call('HSCAN', deliveries, ARGV[1], 'COUNT', ARGV[2]))
for place = 1, #found, 2 do
  local id, envelope = found[place], cjson.decode(found[place + 1])
  if gone[envelope.to] or is_about_them(id, envelope) then
    local attempt = attempt_at(id)
    if attempt then acknowledge(stream_of(envelope), attempt.entry) end
    redis.call('HDEL', attempts, id)
    redis.call('ZREM', queued, id)
    redis.call('ZREM', lanes .. envelope.lane .. ':later', id)
    if envelope.notice then redis.call('SREM', notice_held .. envelope.notice, id) end
    leave_line(id, envelope)
    dropped = dropped + redis.call('HDEL', deliveries, id)
  end
end
return {further, dropped}

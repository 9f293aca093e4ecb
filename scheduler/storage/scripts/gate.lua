-- May this delivery go now? If so the attempt is on record from here on.
-- ARGV: stream, entry, id, worker, now, expired and not-owed as outcomes, unknown as outcome, how far ahead a place
-- may be booked in ms, the budgets it takes from as JSON.
-- Answers {"go", envelope, ms}, {"wait", ms} for the whole lane, or {"off"}: it is nothing of this relay's any more.
local stream, entry, id, worker, now = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
if #redis.call('XPENDING', stream, 'relays', entry, entry, 1, worker) == 0 then
  return {'off'} -- taken over from this relay, which was stopped and taken for dead, or done with
end
local envelope = envelope_of(id)
if not envelope then
  acknowledge(stream, entry)
  return {'off'}
end

local attempt = attempt_at(id)
if attempt and attempt.worker == worker and attempt.entry == entry then
  return {'go', cjson.encode(envelope), ARGV[5]}
end
if attempt then -- somebody began to send it and died
  acknowledge(stream, entry)
  leave_unknown(id, envelope, attempt.at, now, ARGV[8])
  return {'off'}
end

local function refuse(outcome)
  acknowledge(stream, entry)
  finish(id, envelope, now, now, 'refused', outcome)
  return {'off'}
end

-- The next of the office's alarms in the same line.
local function next_alarm()
  for _, other in ipairs(redis.call('ZRANGE', line_of(envelope), 0, -1)) do
    if other ~= id and string.sub(other, 1, 7) == 'office:' then return other, envelope_of(other) end
  end
end

if envelope.expires > 0 and now > envelope.expires then
  if string.sub(id, 1, 7) ~= 'office:' then return refuse(ARGV[6]) end
  local dropped, heir, its = (envelope.dropped or 0) + 1, next_alarm()
  if heir then -- it says how many came too late before it
    its.dropped = (its.dropped or 0) + dropped
    keep(heir, its)
    return refuse(ARGV[6])
  end
  envelope.dropped, envelope.expires = dropped, 0 -- the last of them says it in its own place
  keep(id, envelope)
end
if envelope.campaign ~= '' then
  local open, over = {}, {}
  for _, one in ipairs(sections_of(envelope)) do
    local which = is_open(one.campaign) and still_owes(envelope.kind, one) and open or over
    which[#which + 1] = one
  end
  if #open == 0 then return refuse(ARGV[7]) end
  if #over > 0 then -- the other campaigns are said all the same
    write_ledger(id, saying(envelope, over), now, now, 'refused', ARGV[7])
    envelope = saying(envelope, open)
    keep(id, envelope)
  end
end
if envelope.notice and envelope.kind ~= 'recall' then
  local status = redis.call('HGET', notices .. envelope.notice, 'status')
  if status == 'cancelled' then return refuse(ARGV[7]) end
  if status == 'paused' then -- out of the way of what comes after it, until the notice is resumed
    acknowledge(stream, entry)
    leave_line(id, envelope)
    redis.call('SADD', notice_held .. envelope.notice, id)
    return {'off'}
  end
end
if envelope.awake then
  while now >= envelope.awake[#envelope.awake] do
    for place, moment in ipairs(envelope.awake) do envelope.awake[place] = moment + 86400000 end
  end
  local place = 2
  while now >= envelope.awake[place] do place = place + 2 end
  if now < envelope.awake[place - 1] then
    keep(id, envelope)
    acknowledge(stream, entry)
    put_off(id, envelope, envelope.awake[place - 1])
    return {'off'}
  end
end
local waits = lane_waits(envelope.lane, now)
if waits then return {'wait', waits} end

local answer, moment = admit(envelope, ARGV[10], now, tonumber(ARGV[9]))
if answer == 'chat' then
  acknowledge(stream, entry)
  take_turn(envelope, now, moment)
  put_off(id, envelope, moment)
  return {'off'}
end
if answer == 'lane' then return {'wait', moment} end
begin_trial(envelope.lane, now)
redis.call('HSET', attempts, id, ARGV[5] .. ' ' .. worker .. ' ' .. entry)
return {'go', cjson.encode(envelope), moment}

-- Write what came of a send. ARGV: stream, entry, id, worker, now, what, outcome, later ms, digest of
-- the words ("": nothing was handed to the platform), what a wait is for (message, chat or lane), what ails the lane
-- ("": it answered, "-": this says nothing of it), the places of the sections of which it said nothing, and not-owed as
-- outcome.
-- What: accepted, refused, later or unknown. Answers 1, or 0 if it was settled before; 2 if it paused the lane.
local stream, entry, id, worker, now, what = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), ARGV[6]
local said, ails = ARGV[9], ARGV[11]
local envelope, attempt = envelope_of(id), attempt_at(id)
if envelope and not attempt and (what == 'accepted' or (what ~= 'later' and envelope['repeat'] ~= 1)) then
  attempt = {at = ARGV[5], worker = worker, entry = entry} -- a server that took over from another never heard of it
end

-- A chat that asks for patience waits alone; a second one while the first still waits means that the lane has to.
local function wait_as_asked(until_ms)
  if ARGV[10] == 'message' or until_ms <= now then return end
  local key = ARGV[10] == 'lane' and envelope.lane or envelope.to
  if key == envelope.to then
    local other = redis.call('HGET', holds, envelope.lane .. ' last')
    local chat, its_until = string.match(other or '', '^(.+) (%d+)$')
    if chat and chat ~= envelope.to and tonumber(its_until) > now then key = envelope.lane end
    redis.call('HSET', holds, envelope.lane .. ' last', envelope.to .. ' ' .. ARGV[8])
  end
  redis.call('HSET', holds, key, ARGV[8])
  if key == envelope.lane then slow_down(key, now) end
end

-- The envelope with what it said; of the other campaigns it goes down as not owed.
local function without_unsaid(whole, tried)
  local unsaid, spoken, silent = {}, {}, {}
  for place in string.gmatch(ARGV[12], '%d+') do unsaid[place + 1] = true end
  for place, one in ipairs(sections_of(whole)) do
    local which = unsaid[place] and silent or spoken
    which[#which + 1] = one
  end
  if #spoken == 0 or #silent == 0 then return whole end
  write_ledger(id, saying(whole, silent), tried, now, 'refused', ARGV[13])
  return saying(whole, spoken)
end

if envelope and attempt and attempt.worker == worker and attempt.entry == entry then
  acknowledge(stream, entry)
  local answer = 1
  if ails == '' then got_well(envelope.lane) end
  if ails ~= '' and ails ~= '-' then answer = answer + fell_ill(envelope.lane, attempt.at, now, ails) end
  if what ~= 'later' then envelope = without_unsaid(envelope, attempt.at) end
  if what == 'later' then
    write_ledger(id, envelope, attempt.at, now, what, ARGV[7])
    redis.call('HDEL', attempts, id)
    wait_as_asked(tonumber(ARGV[8]))
    put_off(id, envelope, tonumber(ARGV[8]))
  elseif what == 'unknown' then
    leave_unknown(id, envelope, attempt.at, now, ARGV[7], said)
  else
    finish(id, envelope, attempt.at, now, what, ARGV[7], said)
  end
  return answer
end

-- This relay was taken for dead, yet the platform had said yes: nobody need decide, nothing need be repeated.
local parked_envelope = redis.call('HGET', parked, id)
if what == 'accepted' and parked_envelope then
  redis.call('HDEL', parked, id)
  write_ledger(id, without_unsaid(cjson.decode(parked_envelope), now), now, now, what, ARGV[7], said)
  return 1
end
return 0

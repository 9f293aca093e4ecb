-- Write what came of a send. ARGV: stream, entry, id, worker, now, what, outcome, later ms, digest of
-- the words ("": nothing was handed to the platform).
-- What: accepted, refused, later or unknown. Answers 1, or 0 if it was settled before.
local stream, entry, id, worker, now, what = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), ARGV[6]
local said = ARGV[9]
local envelope, attempt = envelope_of(id), attempt_at(id)
acknowledge(stream, entry)

if envelope and attempt and attempt.worker == worker and attempt.entry == entry then
  if what == 'later' then
    write_ledger(id, envelope, attempt.at, now, what, ARGV[7])
    redis.call('HDEL', attempts, id)
    put_off(id, envelope, tonumber(ARGV[8]))
  elseif what == 'unknown' then
    leave_unknown(id, envelope, attempt.at, now, ARGV[7], said)
  else
    finish(id, envelope, attempt.at, now, what, ARGV[7], said)
  end
  return 1
end

-- This relay was taken for dead, yet the platform had said yes: nobody need decide, nothing need be repeated.
local parked_envelope = redis.call('HGET', parked, id)
if what == 'accepted' and parked_envelope then
  redis.call('HDEL', parked, id)
  write_ledger(id, cjson.decode(parked_envelope), now, now, what, ARGV[7], said)
  return 1
end
if what == 'accepted' and envelope and not attempt and envelope['repeat'] == 1 then
  finish(id, envelope, now, now, what, ARGV[7], said)
  return 1
end
return 0

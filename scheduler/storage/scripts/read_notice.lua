-- Somebody has read a notice, and may have answered one of its questions; a later answer takes the place of an earlier.
-- KEYS: the notice, its readings. ARGV: who, now, question's place ("": none), answer. Answers the reading, or false if
-- the notice was never sent.
local status = redis.call('HGET', KEYS[1], 'status')
if not status or status == 'draft' or status == 'approved' then return false end
local stored = redis.call('HGET', KEYS[2], ARGV[1])
local reading = stored and cjson.decode(stored) or {at = tonumber(ARGV[2]), answers = {}}
if ARGV[3] ~= '' then reading.answers[ARGV[3]] = tonumber(ARGV[4]) end
redis.call('HSET', KEYS[2], ARGV[1], cjson.encode(reading))
return cjson.encode(reading)

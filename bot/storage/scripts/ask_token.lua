-- A secret's token, or the right to fetch one. KEYS: token, fetching. ARGV: number of the token that was refused,
-- who asks, now ms, ms the right lasts. Answers {"token", value, number, until}, {"refused", code} or {"fetch"} or {"wait"}.
local number, token, ends, code, refused = unpack(redis.call('HMGET', KEYS[1], 'number', 'token', 'until', 'code', 'refused'))
local now = tonumber(ARGV[3])
if token and number ~= ARGV[1] and tonumber(ends) > now then return {'token', token, number, ends} end
if refused and tonumber(refused) > now then return {'refused', code} end
if redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[4]) then return {'fetch'} end
return {redis.call('GET', KEYS[2]) == ARGV[2] and 'fetch' or 'wait'}

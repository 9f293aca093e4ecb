-- Who relays on which lane. The server's own time is used: it is about processes, not about deadlines.
local function server_now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function show_life(lane, worker)
  local now = server_now()
  redis.call('ZADD', relays, now, lane .. ' ' .. worker)
  redis.call('ZREMRANGEBYSCORE', relays, '-inf', now - 86400000)
end

local function lives(lane, worker, patience)
  local seen = redis.call('ZSCORE', relays, lane .. ' ' .. worker)
  return seen and server_now() - seen < patience
end

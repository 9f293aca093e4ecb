-- The rules of scheduler/pacing.py, and what holds sending up. Moments are milliseconds since the epoch.

-- `place`: whether there is a place within `ahead`, the moment it has or the one to ask again, and the next tat.
local function place(tat, now, interval, ahead)
  local at = tat > now + interval + 60000 and now or math.max(tat, now)
  if at > now + ahead then return false, at - ahead end
  return true, at, at + interval
end

-- `free_from`: the moment from which so many more fit into each window of {most, span}.
local function free_from(sent, now, windows, takes)
  redis.call('ZREMRANGEBYSCORE', sent, '(' .. string.format('%.0f', now + 60000), '+inf')
  local free = now
  for _, window in ipairs(windows) do
    local since = '(' .. string.format('%.0f', now - window[2])
    local over = redis.call('ZCOUNT', sent, since, '+inf') + math.min(takes, window[1]) - window[1]
    if over > 0 then
      local leaves = redis.call('ZRANGEBYSCORE', sent, since, '+inf', 'WITHSCORES', 'LIMIT', over - 1, 1)
      free = math.max(free, tonumber(leaves[2]) + window[2])
    end
  end
  return free
end

local function take_room(sent, at, windows, takes)
  local longest = 0
  for _, window in ipairs(windows) do longest = math.max(longest, window[2]) end
  redis.call('ZREMRANGEBYSCORE', sent, '-inf', string.format('%.0f', at - longest))
  for _ = 1, takes do redis.call('ZADD', sent, string.format('%.0f', at), redis.call('INCR', order)) end
  redis.call('PEXPIRE', sent, longest)
end

-- Until when a platform wants nothing more of a lane or in a chat; nil if it is open.
local function held(key, now)
  local until_ms = tonumber(redis.call('HGET', holds, key) or 0)
  if until_ms > now then return until_ms end
  if until_ms > 0 then redis.call('HDEL', holds, key) end
end

-- Within one conversation's budget a lower rank goes first: whoever of it was put off has the next turn.
local function turn_of(to, now)
  local rank, until_ms = string.match(redis.call('HGET', turns, to) or '', '^(%d+) (%d+)$')
  if rank and now < until_ms + 1000 then return tonumber(rank) end
  if rank then redis.call('HDEL', turns, to) end
end

local function others_turn(to, rank, now)
  local first = turn_of(to, now)
  return first and first < rank
end

local function take_turn(message, now, until_ms)
  if not others_turn(message.to, message.rank, now) then
    redis.call('HSET', turns, message.to, string.format('%d %.0f', message.rank, until_ms))
  end
end

-- By how much longer than the limit asks a lane takes between two sends, because its platform asked for patience: a
-- quarter more each time, at most twice as long, back to normal bit by bit within ten minutes.
local MORE, MOST, RECOVERS = 1.25, 2, 600000
local function slowness(lane, now)
  local factor, since = string.match(redis.call('HGET', budgets, lane .. ' slow') or '', '^(%S+) (%d+)$')
  if not factor then return 1 end
  return 1 + (tonumber(factor) - 1) * math.min(1, math.max(0, 1 - (now - tonumber(since)) / RECOVERS))
end

local function slow_down(lane, now)
  redis.call('HSET', budgets, lane .. ' slow', string.format('%.17g %.0f', math.min(MOST, slowness(lane, now) * MORE), now))
end

-- Take from every budget at once, or from none. `message` says to, lane, rank, whether it has a card,
-- and how many pictures and files; where those are no messages of their own the words go with the first.
-- Answers 'go' and the moment to send; 'chat' or 'lane' for what is held up, and until when.
local function admit(message, budgets_json, now, ahead)
  local interval, rooms_of, more = nil, {}, math.max(message.picture - 1, 0)
  for _, budget in ipairs(cjson.decode(budgets_json)) do
    if budget.interval then interval = budget.interval * slowness(message.lane, now) * (1 + more) else rooms_of[#rooms_of + 1] = budget end
  end
  local at, tat, lane_until = now, nil, nil
  if interval then
    local free, moment, following = place(tonumber(redis.call('HGET', budgets, message.lane) or 0), now, interval, ahead)
    if free then at, tat = moment, following else lane_until = moment end
  end
  local sends, chat_until = math.ceil(at), held(message.to, now) or 0
  if others_turn(message.to, message.rank, now) then chat_until = math.max(chat_until, now + 50) end
  for _, budget in ipairs(rooms_of) do
    budget.takes = 1 + (budget.card and message.card or 0) + (budget.picture and message.picture or more)
    local free = free_from(rooms .. budget.key, sends, budget.windows, budget.takes)
    if free > sends then chat_until = math.max(chat_until, free) end
  end
  if chat_until > 0 then return 'chat', chat_until end
  if lane_until then return 'lane', math.ceil(lane_until) end
  if tat then redis.call('HSET', budgets, message.lane, string.format('%.17g', tat)) end
  for _, budget in ipairs(rooms_of) do take_room(rooms .. budget.key, sends, budget.windows, budget.takes) end
  redis.call('HDEL', turns, message.to)
  return 'go', sends
end

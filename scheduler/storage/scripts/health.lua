-- How a lane fares: its health is a hash of failures in a row, why, since and, once they are too many, when it was
-- paused for them (opened) and until when. Then one send at a time tries whether it works again, ever more seldom.
local MOST_FAILURES, FIRST_PAUSE, LONGEST_PAUSE, TRIAL = 5, 5000, 300000, 30000

local function health_of(lane)
  return lanes .. lane .. ':health'
end

-- Until when the lane has to wait, nil if it may send; whoever is let through while it is ill is the trial.
local function lane_waits(lane, now)
  if redis.call('HEXISTS', paused, lane) == 1 then return now + 1000 end
  local asked = held(lane, now)
  if asked then return math.min(asked, now + 1000) end
  local until_ms = tonumber(redis.call('HGET', health_of(lane), 'until') or 0)
  if until_ms > now then return math.min(until_ms, now + 1000) end
end

local function begin_trial(lane, now)
  if redis.call('HEXISTS', health_of(lane), 'until') == 1 then
    redis.call('HSET', health_of(lane), 'until', string.format('%.0f', now + TRIAL))
  end
end

-- It answered, be it with a no.
local function got_well(lane)
  return redis.call('DEL', health_of(lane))
end

-- It did not. What was on its way when the lane was paused says nothing new. Answers 1 when that pauses it, else 0.
local function fell_ill(lane, tried, now, why)
  local key = health_of(lane)
  if tonumber(tried) < tonumber(redis.call('HGET', key, 'opened') or 0) then return 0 end
  local failures = redis.call('HINCRBY', key, 'failures', 1)
  redis.call('HSET', key, 'why', why)
  redis.call('HSETNX', key, 'since', string.format('%.0f', now))
  if failures < MOST_FAILURES then return 0 end
  local pause = math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ^ (failures - MOST_FAILURES))
  redis.call('HSET', key, 'opened', string.format('%.0f', now), 'until', string.format('%.0f', now + pause))
  return failures == MOST_FAILURES and 1 or 0
end

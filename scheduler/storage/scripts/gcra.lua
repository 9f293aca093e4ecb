-- The rule `decide` of scheduler/pacing.py: whether one may go now, and the moment to keep or to wait for. Seconds.
local function gcra(tat, now, interval)
  if now < tat and tat <= now + interval + 60 then return false, tat end
  return true, now + interval
end

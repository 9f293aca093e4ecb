-- The rule `decide` of scheduler/pacing.py: whether one may go now, and the moment to keep or to wait for. Seconds.
local function gcra(tat, now, interval)
  if now < tat then return false, tat end
  return true, now + interval
end

-- Claim slots without queueing anything. ARGV: campaign, now, why, slots... Answers those that were free.
local campaign, dropped = ARGV[1], {}
local revision = redis.call('HGET', campaign_of .. campaign, 'revision') or '0'
for place = 4, #ARGV do
  local became = ARGV[2] .. ' ' .. revision .. ' ' .. ARGV[3]
  if redis.call('HSETNX', slots_of .. campaign, ARGV[place], became) == 1 then dropped[#dropped + 1] = ARGV[place] end
end
return dropped

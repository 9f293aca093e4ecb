-- Remember that somebody opened the names of a class, once for each press.
-- KEYS: looks of the campaign, their counters, unsealed evidence.
-- ARGV: press, record, class, campaign, account, ms.
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call('HINCRBY', KEYS[2], ARGV[3], 1)
witness(KEYS[3], {kind = 'looked', at = tonumber(ARGV[6]), campaign = ARGV[4], class = ARGV[3], by = ARGV[5]})
return 1

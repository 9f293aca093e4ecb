-- Queue one delivery, once. ARGV: id, envelope, now.
if redis.call('ZADD', queued, 'NX', ARGV[3], ARGV[1]) == 0 then return 0 end
enqueue(ARGV[1], cjson.decode(ARGV[2]), tonumber(ARGV[3]))
return 1

-- A person has passed a notice on to these recipients: nothing more is sent to them. ARGV: number, now, a yes as outcome,
-- targets... What is on its way at this moment is left alone, and so is what has arrived. Answers the targets noted.
local noted = {}
for place = 4, #ARGV do
  local stored = redis.call('HGET', notice_results .. ARGV[1], ARGV[place])
  local result = stored and cjson.decode(stored)
  local open = result and (result.state == 'waiting' or result.state == 'refused' or result.state == 'unknown'
    or result.state == 'unreached')
  if open and not attempt_at(result.delivery) then
    local id, waiting = result.delivery, envelope_of(result.delivery)
    if waiting then
      redis.call('HDEL', deliveries, id)
      leave_line(id, waiting)
    end
    redis.call('HDEL', parked, id)
    note_result(ARGV[1], ARGV[place], {state = 'by-hand', at = tonumber(ARGV[2]), why = ''})
    local kind = result.in_group and 'group-notice' or 'notice'
    redis.call('XADD', ledger, '*', 'd', id, 'to', result.to, 'k', kind, 'c', '', 't', ARGV[2], 'at', ARGV[2],
      'o', ARGV[3])
    witness(unsealed, {kind = 'told', at = tonumber(ARGV[2]), how = 'by-hand', notice = tonumber(ARGV[1]),
      classes = result.classes, who = result.sid, outcome = 'by-hand'})
    noted[#noted + 1] = ARGV[place]
  end
end
return noted

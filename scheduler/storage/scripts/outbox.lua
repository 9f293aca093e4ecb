-- What the outbox's scripts share. KEYS are those of `OutboxKeys.shared`; names that end in ":" are prefixes.
-- An envelope says where a delivery goes and what is checked on the way; its body is not read here.
local deliveries, queued, attempts, parked, paused, lanes, lines, order, budgets, rooms, holds, turns, relays, ledger,
  tallies, told, burdens, campaign_of, slots_of, states, unsealed, notices, notice_results, notice_counts, notice_held =
  unpack(KEYS)

local function envelope_of(id)
  local stored = redis.call('HGET', deliveries, id)
  return stored and cjson.decode(stored)
end

local function keep(id, envelope)
  redis.call('HSET', deliveries, id, cjson.encode(envelope))
end

local function stream_of(envelope)
  return lanes .. envelope.lane .. ':' .. envelope.stream
end

local function line_of(envelope)
  return lines .. envelope.lane .. ':' .. envelope.stream .. ':' .. envelope.to
end

-- A relay may take it.
local function offer(id, envelope)
  redis.call('XADD', stream_of(envelope), '*', 'd', id, 'to', envelope.to)
end

-- Behind what waits for the same chat; whoever is alone in the line may go at once.
local function join_line(id, envelope)
  local line = line_of(envelope)
  redis.call('ZADD', line, 'NX', envelope.rank * 1e12 + redis.call('INCR', order), id)
  if redis.call('ZCARD', line) == 1 then offer(id, envelope) end
end

-- It is settled; the next of the same chat may go.
local function leave_line(id, envelope)
  local line = line_of(envelope)
  if redis.call('ZREM', line, id) == 1 then
    local next = redis.call('ZRANGE', line, 0, 0)[1]
    if next then offer(next, envelope) end
  end
end

local function put_off(id, envelope, until_ms)
  redis.call('ZADD', lanes .. envelope.lane .. ':later', until_ms, id)
end

local function enqueue(id, envelope, now)
  keep(id, envelope)
  if envelope.not_before > now then put_off(id, envelope, envelope.not_before) else join_line(id, envelope) end
end

-- The relay's own entry is done with, whatever came of it.
local function acknowledge(stream, entry)
  redis.call('XACK', stream, 'relays', entry)
  redis.call('XDEL', stream, entry)
end

-- What it says, campaign by campaign: an envelope is its own first section, others may go along.
local function sections_of(envelope)
  local found = {envelope}
  for _, one in ipairs(envelope.also or {}) do found[#found + 1] = one end
  return found
end

-- The same envelope with these sections (at least one) alone.
local function saying(envelope, sections)
  local own = {}
  for name, value in pairs(envelope) do own[name] = value end
  for _, name in ipairs({'campaign', 'classes', 'sid', 'wave'}) do own[name] = sections[1][name] end
  own.also = nil
  if #sections > 1 then own.also = {unpack(sections, 2)} end
  return own
end

-- What campaigns told whom, or tried to; `said` is the digest of the words that were handed to the platform.
local function bear_witness(envelope, now, what, outcome, said)
  if (envelope.campaign == '' and not envelope.notice) or envelope.kind == 'reply' or what == 'later' then return end
  for _, one in ipairs(sections_of(envelope)) do
    witness(unsealed, {kind = 'told', at = tonumber(now), campaign = one.campaign, how = envelope.kind,
      classes = one.classes, who = one.sid, wave = one.wave, notice = envelope.notice, outcome = what, said = said,
      why = what == 'refused' and cjson.decode(outcome).why or nil})
  end
end

-- Where a notice stands with one recipient, and how many stand where, in one step.
local function note_result(notice, target, change)
  local stored = redis.call('HGET', notice_results .. notice, target)
  local result = stored and cjson.decode(stored) or {}
  local was = result.state
  for name, value in pairs(change) do result[name] = value end
  redis.call('HSET', notice_results .. notice, target, cjson.encode(result))
  if was == result.state then return end
  if was then redis.call('HINCRBY', notice_counts .. notice, was, -1) end
  redis.call('HINCRBY', notice_counts .. notice, result.state, 1)
end

-- Nothing is noted of somebody who was erased meanwhile.
local function is_noted(envelope)
  return envelope.notice and redis.call('HEXISTS', notice_results .. envelope.notice, envelope.target) == 1
end

local function note_waiting(envelope, now)
  if is_noted(envelope) then note_result(envelope.notice, envelope.target, {state = 'waiting', at = now}) end
end

local function note_outcome(envelope, now, what, outcome)
  if what == 'later' or not is_noted(envelope) then return end
  local said = cjson.decode(outcome)
  if envelope.kind == 'recall' then
    local change = what == 'accepted' and {state = 'recalled', at = now, recall = ''} or {recall = said.why}
    note_result(envelope.notice, envelope.target, change)
  else -- a repeat that is refused or given up: what went before it may have arrived all the same
    local state = what == 'refused' and envelope['repeat'] == 1 and 'unknown' or what
    note_result(envelope.notice, envelope.target,
      {state = state, at = now, why = said.why or '', message_id = said.message_id or ''})
  end
end

-- Somebody was reminded once more: the days of the reminders of a week, this one the last.
local function burden(sid, now)
  local today, days = math.floor(tonumber(now) / 86400000), {}
  for day in string.gmatch(redis.call('HGET', burdens, sid) or '', '%d+') do
    if tonumber(day) > today - 7 then days[#days + 1] = day end
  end
  days[#days + 1] = today
  redis.call('HSET', burdens, sid, table.concat(days, ' '))
end

-- A group, or a student, was reminded. A trial went to a chat of staff: those it was for heard nothing.
local function note_told(envelope, now)
  if string.find(envelope.wave or '', '%.trial$') then return end
  local reminded = envelope.kind == 'private-wave' and envelope.sid ~= ''
  if reminded then burden(envelope.sid, now) end -- one message, however many campaigns it is of
  for _, one in ipairs(sections_of(envelope)) do
    if envelope.kind == 'group-wave' then redis.call('HINCRBY', told .. one.campaign, envelope.to, 1) end
    if reminded then redis.call('HINCRBY', told .. one.campaign, one.sid, 1) end
  end
end

local function write_ledger(id, envelope, tried, now, what, outcome, said)
  local campaigns = {}
  for _, one in ipairs(sections_of(envelope)) do
    campaigns[#campaigns + 1] = one.campaign
    redis.call('HINCRBY', tallies .. (one.campaign ~= '' and one.campaign or '-'), envelope.kind .. ':' .. what, 1)
  end
  redis.call('XADD', ledger, '*', 'd', id, 'to', envelope.to, 'k', envelope.kind, 'c', table.concat(campaigns, ' '),
    't', tried, 'at', now, 'o', outcome)
  bear_witness(envelope, now, what, outcome, said)
  note_outcome(envelope, tonumber(now), what, outcome)
  if what == 'accepted' then note_told(envelope, now) end
end

local function finish(id, envelope, tried, now, what, outcome, said)
  write_ledger(id, envelope, tried, now, what, outcome, said)
  redis.call('HDEL', deliveries, id)
  redis.call('HDEL', attempts, id)
  leave_line(id, envelope)
end

-- Asked and not answered. What goes to a group, and a notice, wait for somebody to decide; anything else a person may hear once more, marked.
local function leave_unknown(id, envelope, tried, now, outcome, said)
  envelope.tried = tonumber(tried)
  if envelope.kind == 'group-wave' or envelope.kind == 'group-notice' or envelope.kind == 'notice' then
    redis.call('HSET', parked, id, cjson.encode(envelope))
    finish(id, envelope, tried, now, 'unknown', outcome, said)
  elseif envelope['repeat'] == 1 then
    finish(id, envelope, tried, now, 'unknown', outcome, said)
  else
    write_ledger(id, envelope, tried, now, 'unknown', outcome, said)
    envelope['repeat'] = 1
    keep(id, envelope)
    redis.call('HDEL', attempts, id)
    offer(id, envelope)
  end
end

local function attempt_at(id)
  local mark = redis.call('HGET', attempts, id)
  if not mark then return nil end
  local at, worker, entry = string.match(mark, '^(%S+) (%S+) (%S+)$')
  return {at = at, worker = worker, entry = entry}
end

-- Whether the one a section is meant for still has something to do: the student of its first class.
local function still_owes(kind, section)
  if kind ~= 'private-wave' or section.sid == '' then return true end
  local class = string.match(section.classes, '%S+')
  local stored = redis.call('HGET', states .. section.campaign .. ':' .. class, section.sid)
  local state = stored and cjson.decode(stored) or {state = 'none'}
  return state.grade == 'claimed' or state.state == 'none' or state.state == 'no-login'
end

local function is_open(campaign)
  return redis.call('HGET', campaign_of .. campaign, 'status') == 'open'
end

-- Make an import the current one, and with it move what each open campaign keeps of those whom it moves.
-- KEYS: roster, versions, former, campaigns, then what keys begin with: imports, campaign, states, counts, departed,
-- and the evidence that waits to be sealed.
-- ARGV: version, digest, 1 to forget the import that was current (0: it is the one before, from now on), now in ISO,
-- the version's record, then for each open campaign: id, revision it was read at, new revision, new body.
-- Answers done, other (somebody's import came first) or again (a campaign was opened or changed meanwhile).
local roster, versions, former, campaigns, imports, campaign_of, states_of, counts_of, departed_of, unsealed =
  unpack(KEYS)
local version, digest, now = tonumber(ARGV[1]), ARGV[2], ARGV[4]
local AT_ONCE = 1000 -- far below what `unpack` can take
local STILL_READ = 60 -- seconds for whoever began to read what is dropped
local parts, staged = {'students', 'classes', 'members', 'numbers'}, {'moves', 'statuses', 'people'}
local current = redis.call('HMGET', roster, 'version', 'import', 'before')
if current[2] == digest and tonumber(current[1]) == version then return 'done' end
if version ~= tonumber(current[1] or 0) + 1 then return 'other' end

local seen, open = {}, {}
for place = 6, #ARGV, 4 do
  seen[ARGV[place]] = {revision = ARGV[place + 1], new_revision = ARGV[place + 2], new_body = ARGV[place + 3]}
end
for _, id in ipairs(redis.call('SMEMBERS', campaigns)) do
  local stored = redis.call('HMGET', campaign_of .. id, 'status', 'revision', 'body')
  if stored[1] == 'open' then
    if not seen[id] or seen[id].revision ~= stored[2] then return 'again' end
    open[id] = stored[3]
  end
end

local function part(name)
  return imports .. digest .. ':' .. name
end

local function each(key, use)
  local rows = redis.call('HGETALL', key)
  for place = 1, #rows, 2 do use(rows[place], rows[place + 1]) end
end

-- Whom it moves, at most so many at once: the class they leave and the one they come to, '-' for none.
local moves, statuses = {}, {}
each(part('moves'), function(ways, sids)
  local origin, target = string.match(ways, '^(%S+) (%S+)$')
  local all = cjson.decode(sids)
  for first = 1, #all, AT_ONCE do
    local some = {unpack(all, first, math.min(first + AT_ONCE - 1, #all))}
    moves[#moves + 1] = {origin = origin, target = target, sids = some}
  end
end)
each(part('statuses'), function(sid, becomes) statuses[sid] = becomes end)

local function set_of(list)
  local set = {}
  for _, one in ipairs(list) do set[one] = true end
  return set
end

-- The state by the roster's status: whoever comes from outside may have got another one there. An exemption keeps what
-- it took the place of.
local function restated(stored, state, status, exempt)
  local count = (state.count or 0) + 1
  if exempt[status] and (counted(state) == 'none' or state.state == 'no-login') then
    state = {state = 'exempt', count = count, at = now, by = 'office', before = stored or nil}
  elseif state.state == 'exempt' and not exempt[status] then
    state = state.before and cjson.decode(state.before) or {state = 'none', at = now, by = 'office'}
    state.count = count
  else
    return stored, state
  end
  return cjson.encode(state), state
end

local function carry_over(id, body, to_be)
  local campaign = cjson.decode(to_be.new_body)
  local was_in, is_in, exempt = set_of(cjson.decode(body).classes), set_of(campaign.classes), set_of(campaign.exempt)
  local states, departed, counters, counts = states_of .. id .. ':', departed_of .. id, counts_of .. id, {}

  local function counts_in(class)
    counts[class] = counts[class] or cjson.decode(redis.call('HGET', counters, class) or '{}')
    return counts[class]
  end

  local function count(class, state, by)
    local as = counted(state)
    if as ~= 'none' then counts_in(class)[as] = (counts_in(class)[as] or 0) + by end
  end

  -- What is stored of them where they come from, which is not there any more.
  local function taken_out(origin, sids)
    local key = was_in[origin] and states .. origin or departed
    local found = redis.call('HMGET', key, unpack(sids))
    if was_in[origin] then redis.call('HDEL', key, unpack(sids)) end
    for place, stored in ipairs(found) do
      if stored and not was_in[origin] then found[place] = cjson.decode(stored).state or false end
    end
    return found
  end

  for _, move in ipairs(moves) do
    local origin, target, sids = move.origin, move.target, move.sids
    local into, apart = {}, {}
    for place, stored in ipairs((was_in[origin] or is_in[target]) and taken_out(origin, sids) or {}) do
      local sid = sids[place]
      local state = stored and cjson.decode(stored) or {state = 'none'}
      local was = state.state
      if was_in[origin] then count(origin, state, -1) end
      if is_in[target] then
        if statuses[sid] then stored, state = restated(stored, state, statuses[sid], exempt) end
        count(target, state, 1)
        if stored then into[#into + 1], into[#into + 2] = sid, stored end
      else
        local why = target == '-' and 'gone' or 'moved'
        local record = {class = origin, why = why, version = version, at = now, state = stored or nil}
        apart[#apart + 1], apart[#apart + 2] = sid, cjson.encode(record)
      end
      witness(unsealed, {kind = 'roster', at = now, campaign = id, who = sid, by = 'office', was = was, is = state.state,
        class = was_in[origin] and origin or nil, to = is_in[target] and target or nil})
    end
    if #into > 0 then redis.call('HSET', states .. target, unpack(into)) end
    if #apart > 0 then redis.call('HSET', departed, unpack(apart)) end
    if is_in[target] and not was_in[origin] then redis.call('HDEL', departed, unpack(sids)) end
  end
  for class in pairs(was_in) do
    if not is_in[class] then redis.call('HDEL', counters, class) end
  end
  for class in pairs(is_in) do
    local members = redis.call('HGET', part('members'), class)
    counts_in(class).size = members and #cjson.decode(members) or 0
    redis.call('HSET', counters, class, cjson.encode(counts[class]))
  end
  redis.call('HSET', campaign_of .. id, 'revision', to_be.new_revision, 'body', to_be.new_body)
end

for id, body in pairs(open) do carry_over(id, body, seen[id]) end
each(part('people'), function(number, student)
  if student == '' then redis.call('HDEL', former, number) else redis.call('HSET', former, number, student) end
end)
local dropped = ARGV[3] == '1' and current[2] or current[3]
for _, name in ipairs(parts) do
  if dropped and dropped ~= digest then redis.call('EXPIRE', imports .. dropped .. ':' .. name, STILL_READ) end
  redis.call('PERSIST', part(name))
end
for _, name in ipairs(staged) do redis.call('UNLINK', part(name)) end
redis.call('HSET', versions, ARGV[1], ARGV[5])
redis.call('HSET', roster, 'version', version, 'import', digest, 'before', ARGV[3] == '1' and '' or current[2] or '')
return 'done'

-- Open a campaign or let classes join an open one, whole: its body, the new classes' counters, who is exempt, and what
-- was kept of those who had left it. The same again is a yes.
-- KEYS: the campaign, the set of ids, counters, what states begin with, who departed, roster, what imports begin with,
-- unsealed evidence. ARGV: id, seen revision, new revision, status, body, roster's version, number of new classes, now
-- in ISO, then for each class its id and size, then for each of the exempt: class, sid, state.
-- Answers done, other (somebody changed the campaign) or again (the roster is another one by now).
local campaign, _, counters, states, departed, roster, imports, unsealed = unpack(KEYS)
local stored = redis.call('HMGET', campaign, 'revision', 'body')
if stored[2] == ARGV[5] then return 'done' end
if tonumber(stored[1] or 0) ~= tonumber(ARGV[2]) then return 'other' end
local version, import = unpack(redis.call('HMGET', roster, 'version', 'import'))
if tonumber(version or 0) ~= tonumber(ARGV[6]) then return 'again' end

local counts, last = {}, 8 + 2 * tonumber(ARGV[7])
for place = 9, last, 2 do counts[ARGV[place]] = {size = tonumber(ARGV[place + 1])} end

local function put(class, sid, state, text)
  redis.call('HSET', states .. class, sid, text)
  recount(counts[class], {state = 'none'}, state)
end

local exempt = {}
for place = last + 1, #ARGV, 3 do exempt[ARGV[place + 1]] = true end

-- Who was in the campaign before comes back as they were, by what the roster says of the class; but whether they are
-- exempt is for the status they have now.
local back = {}
for class in pairs(counts) do
  local members = import and redis.call('HGET', imports .. import .. ':members', class)
  local sids = members and cjson.decode(members) or {}
  local kept = #sids > 0 and redis.call('HMGET', departed, unpack(sids)) or {}
  for number, record in ipairs(kept) do
    if record then
      redis.call('HDEL', departed, sids[number])
      local text = cjson.decode(record).state
      local state = text and cjson.decode(text)
      if state and state.state == 'exempt' and not exempt[sids[number]] then
        local count = (state.count or 0) + 1
        state = state.before and cjson.decode(state.before) or {state = 'none', at = ARGV[8], by = 'office'}
        state.count = count
        text = cjson.encode(state)
      end
      if state and not (exempt[sids[number]] and (counted(state) == 'none' or state.state == 'no-login')) then
        back[sids[number]] = true
        put(class, sids[number], state, text)
        witness(unsealed, {kind = 'roster', at = ARGV[8], campaign = ARGV[1], who = sids[number], by = 'office',
          was = state.state, is = state.state, to = class})
      end
    end
  end
end
for place = last + 1, #ARGV, 3 do
  local class, sid, text = ARGV[place], ARGV[place + 1], ARGV[place + 2]
  if not back[sid] then
    local state = cjson.decode(text)
    put(class, sid, state, text)
    witness(unsealed, {kind = 'state', at = state.at, campaign = ARGV[1], class = class, who = sid, by = state.by,
      was = 'none', is = state.state})
  end
end
for class, count in pairs(counts) do redis.call('HSET', counters, class, cjson.encode(count)) end
redis.call('HSET', campaign, 'revision', ARGV[3], 'status', ARGV[4], 'body', ARGV[5])
redis.call('SADD', KEYS[2], ARGV[1])
return 'done'

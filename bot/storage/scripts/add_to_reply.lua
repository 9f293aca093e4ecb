-- Say one thing more in a reply. KEYS: reply. ARGV: what is said, its text, most bytes of all texts.
-- Answers 1 if it stands there now; 0 if the reply was never begun, is over, or has no room for it.
local entries = redis.call('XRANGE', KEYS[1], '-', '+')
if #entries == 0 then return 0 end
local bytes = #ARGV[2]
for _, entry in ipairs(entries) do
  local fields = entry[2]
  if fields[1] == 'over' then return 0 end
  if fields[1] == 'said' then
    if fields[4] == ARGV[2] then return 1 end
    bytes = bytes + #fields[4] + 2
  end
end
if bytes > tonumber(ARGV[3]) then return 0 end
redis.call('XADD', KEYS[1], '*', 'said', ARGV[1], 'text', ARGV[2])
return 1

-- Put down for the chain of evidence what was told or changed, in the step that does it. An entry names people by who
-- they are here, for as long as it waits to be sealed; what is nil is left out.
local function witness(unsealed, entry)
  redis.call('XADD', unsealed, '*', 'e', cjson.encode(entry))
end

-- What a state counts as among its class: what an account states that has not proved to be the student's is nothing yet.
local function counted(state)
  return state.grade == 'claimed' and 'none' or state.state
end

-- Move a class's counters from one state of a student to the next.
local function recount(counts, old, new)
  local was, is = counted(old), counted(new)
  if was ~= 'none' then counts[was] = counts[was] - 1 end
  if is ~= 'none' then counts[is] = (counts[is] or 0) + 1 end
end

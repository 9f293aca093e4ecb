-- The class a student is in by the current roster; what was said while there is no roster, nil for who is not in it.
local function class_now(roster, imports, sid, said)
  local import = redis.call('HGET', roster, 'import')
  if not import then return said end
  local student = redis.call('HGET', imports .. import .. ':students', sid)
  return student and cjson.decode(student).class_id
end

-- Reading records. Stands between the prelude and those scripts.
local function record(id)
  return { id, call('HGETALL', job_key(id)), call('LRANGE', prefix .. 'logs:' .. id, 0, -1) }
end

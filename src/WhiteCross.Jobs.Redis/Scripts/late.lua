-- Jobs that have waited since before their latest event. Stands between the prelude and those scripts.

-- Since when the first of them has waited; clears away those at the front that wait no more.
local function first_late()
  local late = call('ZRANGE', prefix .. 'late', 0, 99, 'WITHSCORES')
  local over = {}
  local first
  for i = 1, #late, 2 do
    local job = call('HMGET', job_key(late[i]), 'state', 'ready')
    if job[1] == 'w' and tonumber(job[2]) == tonumber(late[i + 1]) then
      first = tonumber(late[i + 1])
      break
    end
    over[#over + 1] = late[i]
  end
  call_sliced('ZREM', prefix .. 'late', over)
  return first
end

-- The groups of failed jobs.
-- ARGV    [3] how long an empty group is remembered, [4] number of hours
-- answer  for each: group, when it was first seen, how many, when the newest failed, its id, then how many failed in each hour, the present one last
local keep, hours = tonumber(ARGV[3]), tonumber(ARGV[4])
local HOUR = 3600000

-- What failed under an earlier version is in no group yet.
local grouped, known = 0, call('HGETALL', prefix .. 'causes')
for i = 1, #known, 2 do
  grouped = grouped + call('ZCARD', prefix .. 'cause:' .. known[i])
end
if grouped < call('ZCARD', prefix .. 'failed') then
  local failed = call('ZREVRANGE', prefix .. 'failed', 0, SLICE - 1, 'WITHSCORES')
  for i = 1, #failed, 2 do
    local job = get(failed[i], 'cause', 'spec', 'error')
    if job[2] and not job[1] then
      join_cause(failed[i], job[2], job[3] or '', tonumber(failed[i + 1]))
    end
  end
  write_jobs()
  known = call('HGETALL', prefix .. 'causes')
end

local answer, old = {}, {}
local present = math.floor(now / HOUR)
for i = 1, #known, 2 do
  local group, key = known[i], prefix .. 'cause:' .. known[i]
  local size = call('ZCARD', key)
  if size > 0 then
    local newest = call('ZREVRANGE', key, 0, 0, 'WITHSCORES')
    local entry = { group, known[i + 1], size, newest[2], newest[1] }
    for hour = present - hours + 1, present do
      entry[#entry + 1] = call('ZCOUNT', key, text(hour * HOUR), hour == present and '+inf' or '(' .. text((hour + 1) * HOUR))
    end
    answer[#answer + 1] = entry
  elseif tonumber(known[i + 1]) + keep <= now then
    old[#old + 1] = group
  end
end
call_sliced('HDEL', prefix .. 'causes', old)

return answer

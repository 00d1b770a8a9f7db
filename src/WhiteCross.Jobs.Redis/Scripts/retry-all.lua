-- A slice of all failed jobs waits again.
-- ARGV    [3] limit, [4] only those that failed until then (empty: all that have by now, also if the clock has stepped back since)
-- answer  that time; how many
local until_then = ARGV[4]
if until_then == '' then
  local latest = call('ZREVRANGE', prefix .. 'failed', 0, 0, 'WITHSCORES')[2]
  until_then = text(math.max(now, tonumber(latest or 0)))
end
local ids = call('ZRANGEBYSCORE', prefix .. 'failed', '-inf', until_then, 'LIMIT', 0, ARGV[3])
for _, id in ipairs(ids) do
  local job = get(id, 'spec', 'token')
  if job[1] then
    move_from_failed_to_waiting(id, job[1], job[2])
  else
    drop(id)
  end
end

finish_call()
return { until_then, #ids }

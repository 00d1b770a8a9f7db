-- Makes delayed jobs that are due wait, and hands out events that must be published now.
-- ARGV    [3] limit
-- answer  in how many milliseconds the next job is due (empty: none is); the claim; then id and spec of each job
local limit = ARGV[3]
for _, id in ipairs(call('ZRANGEBYSCORE', prefix .. 'delayed', '-inf', now_text, 'LIMIT', 0, limit)) do
  local spec = get(id, 'spec')[1]
  if spec then
    move_to_waiting(id, spec, 'd', true)
  else
    drop(id)
  end
end

write_jobs()
local answer = { '', '0' }
if not is_paused() then
  for _, id in ipairs(call('ZRANGEBYSCORE', prefix .. 'outbox', '-inf', now_text, 'LIMIT', 0, limit)) do
    local spec = get(id, 'spec')[1]
    if spec then
      put('outbox', id, claim())
      answer[2] = claim_text()
      answer[#answer + 1] = id
      answer[#answer + 1] = spec
    else
      drop(id)
    end
  end
end

finish_call()
local next_due
for _, name in ipairs(is_paused() and { 'delayed' } or { 'delayed', 'outbox' }) do
  local first = call('ZRANGE', prefix .. name, 0, 0, 'WITHSCORES')
  if first[2] and (not next_due or tonumber(first[2]) < next_due) then
    next_due = tonumber(first[2])
  end
end
if next_due then
  answer[1] = text(math.max(0, math.ceil(next_due) - now))
end

return answer

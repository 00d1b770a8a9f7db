-- ARGV[3] limit. Answers when the next job is due (empty: none), then id and spec of each job whose event must be published now.
local limit = ARGV[3]
for _, id in ipairs(call('ZRANGEBYSCORE', prefix .. 'delayed', '-inf', now_text, 'LIMIT', 0, limit)) do
  local spec = call('HGET', job_key(id), 'spec')
  if spec then
    move_to_waiting(id, spec, 'd', true)
  else
    drop(id)
  end
end

write_sets()
local answer = { '' }
if not is_paused() then
  for _, id in ipairs(call('ZRANGEBYSCORE', prefix .. 'outbox', '-inf', now_text, 'LIMIT', 0, limit)) do
    local spec = call('HGET', job_key(id), 'spec')
    if spec then
      put('outbox', id, now + CLAIM)
      answer[#answer + 1] = id
      answer[#answer + 1] = spec
    else
      drop(id)
    end
  end
end

finish_call()
local next_due
for _, set in ipairs(is_paused() and { 'delayed' } or { 'delayed', 'outbox' }) do
  local first = call('ZRANGE', prefix .. set, 0, 0, 'WITHSCORES')
  if first[2] and (not next_due or tonumber(first[2]) < next_due) then
    next_due = tonumber(first[2])
  end
end
if next_due then
  answer[1] = text(next_due)
end

return answer

-- A slice of all failed jobs waits again. ARGV[3] limit, ARGV[4] only those that failed until then (empty: now). Answers that time, how many.
local until_then = ARGV[4] ~= '' and ARGV[4] or now_text
local ids = call('ZRANGEBYSCORE', prefix .. 'failed', '-inf', until_then, 'LIMIT', 0, ARGV[3])
for _, id in ipairs(ids) do
  local spec = call('HGET', job_key(id), 'spec')
  if spec then
    count('retried')
    move_to_waiting(id, spec, 'f', true, 'made', '0', 'error', '', 'progress', '', 'finished', '', 'cancel', '')
  else
    drop(id)
  end
end

finish_call()
return { until_then, #ids }

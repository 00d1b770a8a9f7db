-- ARGV[3] limit. Answers whether the queue is paused, then the records of the jobs whose dead letter must be published now.
local answer = { is_paused() and 1 or 0 }
for _, id in ipairs(call('ZRANGEBYSCORE', prefix .. 'deadletters', '-inf', now_text, 'LIMIT', 0, ARGV[3])) do
  if call('EXISTS', job_key(id)) == 1 then
    put('deadletters', id, now + CLAIM)
    answer[#answer + 1] = record(id)
  else
    drop(id)
  end
end

finish_call()
return answer

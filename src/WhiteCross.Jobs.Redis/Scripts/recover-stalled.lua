-- ARGV[3..8] limit, completed jobs to keep, failed jobs to keep, time to keep tombstones, error of a cancelled job, error of a stalled one.
-- Answers how many had stalled.
local ids = call('ZRANGEBYSCORE', prefix .. 'active', '-inf', now_text, 'LIMIT', 0, ARGV[3])
for _, id in ipairs(ids) do
  local job = call('HMGET', job_key(id), 'spec', 'made', 'started', 'cancel', 'token')
  local spec = job[1]
  if spec then
    local error = job[4] == '1' and ARGV[7] or ARGV[8]
    local made = (tonumber(job[2] or 0)) + 1
    local attempt = made .. ' ' .. job[3] .. ' ' .. now_text .. ' ' .. error
    count('stalled')
    if job[4] == '1' or made >= max_attempts_of(spec) then
      move_to_failed(id, spec, 'a', error, nil, 'made', made, 'attempt:' .. job[5], attempt)
      -- Nobody is at hand who publishes its dead letter: it is not claimed.
      put('deadletters', id, now)
    else
      move_to_waiting(id, spec, 'a', true, 'error', error, 'made', made, 'attempt:' .. job[5], attempt)
    end
  else
    drop(id)
  end
end

trim_to_count(tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), 1000)
finish_call()
return #ids

-- ARGV[3..7] completed jobs to keep, failed jobs to keep, time to keep tombstones, error of a cancelled job, error where a run gave none; then
-- for each end: id, token, kind (c completed, r retry, f failed, s snoozed, l released), result, error, delay, progress, number of log lines,
-- the lines. Answers like renew.
local keep_completed, keep_failed, keep_tombstone = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local cancelled, unnamed = ARGV[6], ARGV[7]

local function finish(id, job, kind, result, error, delay)
  local spec = job[4]
  local started = job[6]
  local duration = now - tonumber(started)
  if job[3] == '1' and (kind == 'r' or kind == 's' or kind == 'l') then
    kind, error = 'f', cancelled
  elseif kind == 'r' and tonumber(job[5] or 0) + 1 >= max_attempts_of(spec) then
    kind = 'f'
  end

  local attempt = {}
  if kind == 'c' or kind == 'r' or kind == 'f' then
    local made = text((tonumber(job[5] or 0)) + 1)
    attempt = { 'made', made, 'attempt:' .. job[2], made .. ' ' .. started .. ' ' .. now_text .. ' ' .. (kind == 'c' and '' or error) }
  end

  if kind == 'c' then
    leave(id, 'a', spec)
    if result ~= '' then
      attempt[#attempt + 1] = 'result'
      attempt[#attempt + 1] = result
    end
    call('HSET', job_key(id), 'state', 'c', 'finished', now_text, unpack(attempt))
    put('completed', id, now)
    count('completed')
    count_minute(1, 0, duration)
    changed('s', id, 'c')
    if removes_on_complete(spec) then
      forget(id, spec, 'c', keep_tombstone)
    end
  elseif kind == 'r' then
    count('retried')
    count_minute(0, 0, duration)
    move_to_delayed(id, spec, 'a', delay, 'error', error, unpack(attempt))
  elseif kind == 'f' then
    move_to_failed(id, spec, 'a', error ~= '' and error or unnamed, duration, unpack(attempt))
  elseif kind == 's' then
    move_to_delayed(id, spec, 'a', delay, 'error', error)
  else
    move_to_waiting(id, spec, 'a', true)
  end
end

local answer = {}
local i = 8
while i <= #ARGV do
  local id = ARGV[i]
  local lines = tonumber(ARGV[i + 7])
  local job = held(id, ARGV[i + 1])
  if job then
    take_progress(id, ARGV[i + 6])
    take_logs(id, i + 8, lines)
    finish(id, job, ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], tonumber(ARGV[i + 5]))
    answer[#answer + 1] = lease_state(job)
  else
    answer[#answer + 1] = 'l'
  end
  i = i + 8 + lines
end

trim_to_count(keep_completed, keep_failed, keep_tombstone, 1000)
finish_call()
return table.concat(answer)

-- Puts the ends of runs on record.
-- ARGV    [3] completed jobs to keep, [4] failed jobs to keep, [5] time to keep tombstones, [6] error of a cancelled job, [7] error where a run gave none;
--         then for each end: id, token, kind (c completed, k completed with its data forgotten, r retry, f failed, s snoozed, n snoozed and counted anew, l released), result, error, delay, why it was snoozed,
--         number of the report, progress, number of log lines, the lines
-- answer  a letter for each, as from renew.lua; of the same end of the same run again the same as before
local keep_completed, keep_failed, keep_tombstone = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local cancelled, unnamed = ARGV[6], ARGV[7]

local function finish(id, job, asked, result, error, delay, reason)
  local token, spec, started, sum = job[2], job[4], job[6], job[7]
  -- The clock may have been set back since.
  local began = tonumber(started)
  local ended = math.max(now, began)
  local duration = ended - began
  local made = tonumber(job[5] or 0) + 1
  local kind = asked == 'n' and 's' or asked == 'k' and 'c' or asked
  if job[3] == '1' and (kind == 'r' or kind == 's' or kind == 'l') then
    kind, error = 'f', cancelled
  elseif kind == 'r' and made >= max_attempts_of(spec) then
    kind = 'f'
  end

  if kind == 'c' or kind == 'r' or kind == 'f' then
    local attempt = text(made) .. ' ' .. started .. ' ' .. text(ended) .. ' '
    if kind == 'c' then
      set(id, 'made', text(made), 'attempt:' .. token, attempt, 'state', 'c', 'finished', text(ended))
    else
      set(id, 'made', text(made), 'attempt:' .. token, attempt .. error)
    end
    if job[9] and job[9] ~= '' then
      set(id, 'snoozes', '', 'snooze', '', 'snoozed', '')
    end
  end

  if kind == 'c' then
    leave(id, 'a', spec)
    if result ~= '' then
      set(id, 'result', result)
    end
    if asked == 'k' then
      set(id, 'data', 'null')
    end
    put('completed', id, ended)
    remember_end(id, 'c', sum, token, asked, lease_state(job))
    count('completed')
    count_minute(1, 0, duration)
    changed('s', id, 'c')
    if removes_on_complete(spec) then
      forget(id, spec, 'c', keep_tombstone)
    end
  elseif kind == 'f' then
    move_to_failed(id, spec, 'a', error ~= '' and error or unnamed, sum, ended, duration)
    remember_end(id, 'f', sum, token, asked, lease_state(job))
  else
    set(id, 'ended', token .. ' ' .. asked .. lease_state(job))
    if kind == 'r' then
      count('retried')
      count_minute(0, 0, duration)
      move_to_delayed(id, spec, 'a', delay, { 'error', error })
    elseif kind == 's' then
      if error ~= '' then
        set(id, 'error', error)
      end
      local anew = asked == 'n'
      local since = not anew and job[10] and job[10] ~= '' and job[10] or now_text
      set(id, 'snoozes', text((not anew and tonumber(job[9] or '') or 0) + 1), 'snooze', reason, 'snoozed', since)
      move_to_delayed(id, spec, 'a', delay)
    else
      move_to_waiting(id, spec, 'a', true)
    end
  end
end

-- What the same end was answered before; nil when it was not.
local function answered_before(id, token, kind)
  local answer = string.match(get(id, 'ended')[1] or '', '^' .. token .. ' ' .. kind .. '(%a)$')
  if answer then
    return answer
  end
  local _, _, ended_by, how, told = end_of(id)
  return ended_by == token and how == kind and told or nil
end

local answer = {}
local i = 8
while i <= #ARGV do
  local id, token, kind = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local lines = tonumber(ARGV[i + 9])
  local job = held(id, token)
  if job then
    take_report(id, job, ARGV[i + 7], ARGV[i + 8], i + 10, lines)
    finish(id, job, kind, ARGV[i + 3], ARGV[i + 4], tonumber(ARGV[i + 5]), ARGV[i + 6])
    answer[#answer + 1] = lease_state(job)
  else
    answer[#answer + 1] = answered_before(id, token, kind) or 'l'
  end
  i = i + 10 + lines
end

trim_to_count(keep_completed, keep_failed, keep_tombstone, 1000)
write_logs()
finish_call()
return table.concat(answer)

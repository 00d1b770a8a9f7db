-- What an operator does to single jobs. ARGV[3..6] what (retry, promote, cancel, remove), time to keep tombstones, error of a cancelled job,
-- until when a job must have failed to be retried (empty: whenever); then the ids. Answers a letter for each: d done, n not found, w wrong state.
local what, keep_tombstone, cancelled, failed_until = ARGV[3], tonumber(ARGV[4]), ARGV[5], tonumber(ARGV[6])

local function change(id)
  local job = call('HMGET', job_key(id), 'state', 'spec', 'finished')
  local state, spec = job[1], job[2]
  if not state then
    return 'n'
  end
  if what == 'retry' and state == 'f' and (not failed_until or tonumber(job[3]) <= failed_until) then
    count('retried')
    move_to_waiting(id, spec, 'f', true, 'made', '0', 'error', '', 'progress', '', 'finished', '', 'cancel', '')
  elseif what == 'promote' and state == 'd' then
    move_to_waiting(id, spec, 'd', true)
  elseif what == 'cancel' and state == 'a' then
    call('HSET', job_key(id), 'cancel', '1')
  elseif what == 'cancel' and (state == 'w' or state == 'd') then
    move_to_failed(id, spec, state, cancelled)
    -- Nobody is at hand who publishes its dead letter: it is not claimed.
    put('deadletters', id, now)
  elseif what == 'remove' and state ~= 'a' then
    forget(id, spec, state, keep_tombstone)
  else
    return 'w'
  end
  return 'd'
end

local removed = {}
local answer = {}
for i = 7, #ARGV do
  local id = ARGV[i]
  answer[#answer + 1] = removed[id] and 'n' or change(id)
  removed[id] = what == 'remove' and answer[#answer] == 'd'
end

finish_call()
return table.concat(answer)

-- What an operator does to single jobs.
-- ARGV    [3] what (retry, promote, cancel, remove, recall), [4] time to keep tombstones, [5] error of a cancelled job, [6] until when a job must have failed to be
--         retried (empty: whenever); then the ids
-- answer  a letter for each: d done, n not found, w wrong state
local what, keep_tombstone, cancelled, failed_until = ARGV[3], tonumber(ARGV[4]), ARGV[5], tonumber(ARGV[6])

local function change(id)
  local job = get(id, 'state', 'spec', 'finished', 'sum', 'token', 'error', 'created')
  local state, spec, sum = job[1], job[2], job[4]
  if not state then
    return 'n'
  end
  if what == 'retry' and state == 'f' and (not failed_until or tonumber(job[3]) <= failed_until) then
    move_from_failed_to_waiting(id, spec, job[5])
  elseif what == 'promote' and state == 'd' then
    move_to_waiting(id, spec, 'd', true)
  elseif what == 'cancel' and state == 'a' then
    set(id, 'cancel', '1')
  elseif what == 'cancel' and (state == 'w' or state == 'd') then
    move_to_failed(id, spec, state, cancelled, sum, math.max(now, tonumber(job[7])))
    -- Nobody is at hand who publishes its dead letter: it is not claimed.
    put('deadletters', id, now)
  elseif what == 'cancel' and state == 'f' and string.find(job[6] or '', '"code":"cancelled"', 1, true) then
    -- It was cancelled before: the answer to that was lost.
    return 'd'
  elseif what == 'remove' and state ~= 'a' then
    forget(id, spec, state, keep_tombstone, sum)
  elseif what == 'recall' and (state == 'w' or state == 'd') and not job[5] then
    -- No run has begun it: it can be added again.
    forget(id, spec, state, keep_tombstone, sum, 'w')
  else
    return 'w'
  end
  return 'd'
end

local answer = {}
for i = 7, #ARGV do
  answer[#answer + 1] = change(ARGV[i])
end

finish_call()
return table.concat(answer)

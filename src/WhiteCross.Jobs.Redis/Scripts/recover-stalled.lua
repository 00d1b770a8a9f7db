-- Takes jobs away from runs whose lease has run out.
-- ARGV    [3] limit, [4] completed jobs to keep, [5] failed jobs to keep, [6] time to keep tombstones, [7] error of a cancelled job, [8] error of a stalled one,
--         [9] after how long without a look living runs get time to renew their leases, [10] how long, [11] lease
-- answer  how many had stalled
local kept = call('HMGET', prefix .. 'counts', 'swept', 'spared')
local swept, spared = tonumber(kept[1] or ''), tonumber(kept[2] or '')
marks['swept'] = now_text

-- The clock has been set back: what ends by it would last for as much longer. Nothing can end later than what begins now.
local function end_by(name, latest)
  for _, id in ipairs(call('ZRANGEBYSCORE', prefix .. name, '(' .. text(latest), '+inf')) do
    put(name, id, latest)
  end
end
if swept and now < swept then
  local lease = tonumber(ARGV[11])
  end_by('active', now + lease)
  end_by('outbox', now + math.max(lease, CLAIM))
  end_by('deadletters', now + CLAIM)
  for _, priority in ipairs({ '1', '5', '10', '20' }) do
    end_by('waiting:' .. priority, now)
  end
  write_sets()
  if spared then
    spared = spared - (swept - now)
    marks['spared'] = text(spared)
  end
end

if swept and now - swept > tonumber(ARGV[9]) then
  spared = now + tonumber(ARGV[10])
  marks['spared'] = text(spared)
end
-- A time beyond that is no time that this script has set.
if spared and now < spared and spared - now <= tonumber(ARGV[10]) then
  finish_call()
  return 0
end

local ids = call('ZRANGEBYSCORE', prefix .. 'active', '-inf', now_text, 'LIMIT', 0, ARGV[3])
for _, id in ipairs(ids) do
  local job = get(id, 'spec', 'made', 'started', 'cancel', 'token', 'sum', 'snoozes')
  local spec = job[1]
  if spec then
    local error = job[4] == '1' and ARGV[7] or ARGV[8]
    local made = text(tonumber(job[2] or 0) + 1)
    local ended = math.max(now, tonumber(job[3]))
    count('stalled')
    set(id, 'made', made, 'attempt:' .. job[5], made .. ' ' .. job[3] .. ' ' .. text(ended) .. ' ' .. error)
    if job[7] and job[7] ~= '' then
      set(id, 'snoozes', '', 'snooze', '', 'snoozed', '')
    end
    if job[4] == '1' or tonumber(made) >= max_attempts_of(spec) then
      move_to_failed(id, spec, 'a', error, job[6], ended)
      -- Nobody is at hand who publishes its dead letter: it is not claimed.
      put('deadletters', id, now)
    else
      move_to_waiting(id, spec, 'a', true, { 'error', error })
    end
  else
    drop(id)
  end
end

trim_to_count(tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), 1000)
finish_call()
return #ids

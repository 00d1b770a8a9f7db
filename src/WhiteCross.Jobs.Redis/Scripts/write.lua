-- What the writes of runs share: the fence, progress and log lines. Stands between the prelude and those scripts.

-- A write is taken only from the run that holds the job. Answers the job, or nil: state, token, cancel, spec, attempts made, begun.
local function held(id, token)
  local job = call('HMGET', job_key(id), 'state', 'token', 'cancel', 'spec', 'made', 'started')
  if job[1] == 'a' and job[2] == token then
    return job
  end
end

local function lease_state(job)
  return job[3] == '1' and 'c' or 'h'
end

local function take_progress(id, progress)
  if progress ~= '' then
    call('HSET', job_key(id), 'progress', progress)
    changed('p', id, 'a', progress)
  end
end

local function take_logs(id, from, number)
  if number > 0 then
    local key = prefix .. 'logs:' .. id
    local lines = {}
    for i = from, from + number - 1 do
      lines[#lines + 1] = ARGV[i]
      changed('l', id, 'a', ARGV[i])
    end
    call_sliced('RPUSH', key, lines)
    call('LTRIM', key, -MAX_LOG_LINES, -1)
  end
end

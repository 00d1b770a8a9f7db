-- What the writes of runs share: the fence, progress and log lines. Stands between the prelude and those scripts.

-- A write is taken only from the run that holds the job. Answers the job, or nil: state, token, cancel, spec, attempts made, begun, sum, last report,
-- snoozes, snoozed since.
local function held(id, token)
  local job = get(id, 'state', 'token', 'cancel', 'spec', 'made', 'started', 'sum', 'reported', 'snoozes', 'snoozed')
  if job[1] == 'a' and job[2] == token then
    return job
  end
end

local function lease_state(job)
  return job[3] == '1' and 'c' or 'h'
end

local lists = {}

-- Progress and log lines, unless a report of this number or a later one has been taken; 0 stands for one without a number.
local function take_report(id, job, number, progress, from, lines)
  if number ~= '0' then
    local token, last = string.match(job[8] or '', '^(%d+) (%d+)$')
    if token == job[2] and tonumber(last) >= tonumber(number) then
      return
    end
    set(id, 'reported', job[2] .. ' ' .. number)
  end
  if progress ~= '' then
    set(id, 'progress', progress)
    changed('p', id, 'a', progress)
  end
  if lines > 0 then
    local list = lists[id]
    if not list then
      -- An error of the list is one before anything has been written.
      call('LLEN', prefix .. 'logs:' .. id)
      list = {}
      lists[id] = list
    end
    for i = from, from + lines - 1 do
      list[#list + 1] = ARGV[i]
      changed('l', id, 'a', ARGV[i])
    end
  end
end

local function write_logs()
  for id, lines in pairs(lists) do
    if not gone_ids[id] then
      local key = prefix .. 'logs:' .. id
      call_sliced('RPUSH', key, lines)
      call('LTRIM', key, -MAX_LOG_LINES, -1)
    end
  end
end

-- Begins runs; puts a job on record first where there is none and its event describes one.
-- ARGV    [3] lease; then for each request: id, holder (empty: nobody in particular), 0; or id, holder, 1, spec, data, options, delay, error, sum of the job
-- answer  for each a letter: p paused, n not due, r running, e ended, u unknown; or of a run that has begun, or that its holder asks for again:
--         token, spec, data, attempts made, created, ready since, begun, snoozes, snoozed since
local lease = tonumber(ARGV[3])
local begun = {}

local function begin(id, holder, described, i)
  local job = get(id, 'state', 'token', 'spec', 'data', 'made', 'created', 'ready', 'started', 'snoozes', 'snoozed')
  if not job[1] then
    if has_tombstone(id) then
      return 'e'
    elseif not described then
      return 'u'
    end
    add_job(id, ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5])
    job = get(id, 'state', 'token', 'spec', 'data', 'made', 'created', 'ready', 'started')
  end

  local state, token, started = job[1], job[2], job[8]
  if state == 'd' then
    return 'n'
  elseif state == 'a' then
    -- Named twice in one call it begins once; asked for again by its holder it is the same run.
    if holder == '' or begun[id] or get(id, 'holder')[1] ~= token .. ' ' .. holder then
      return 'r'
    end
  elseif state == 'c' or state == 'f' then
    return 'e'
  elseif state and is_paused() then
    put('outbox', id, now)
    return 'p'
  else
    token, started = text(tonumber(token or 0) + 1), now_text
    leave(id, 'w', job[3])
    if holder ~= '' then
      set(id, 'state', 'a', 'started', started, 'token', token, 'holder', token .. ' ' .. holder)
    else
      set(id, 'state', 'a', 'started', started, 'token', token)
    end
    changed('s', id, 'a')
  end
  begun[id] = true
  put('active', id, now + lease)
  local ready = math.min(tonumber(job[7]), tonumber(started))
  return { token, job[3], job[4], job[5] or '0', job[6], text(ready), started, job[9] or '', job[10] or '' }
end

local answer = {}
local i = 4
while i <= #ARGV do
  local described = ARGV[i + 2] == '1'
  answer[#answer + 1] = begin(ARGV[i], ARGV[i + 1], described, i + 3)
  i = i + (described and 9 or 3)
end

finish_call()
return answer

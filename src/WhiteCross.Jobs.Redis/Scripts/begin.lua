-- ARGV[3] lease; then for each request: id, 0, or id, 1, spec, data, options, delay, error of the job to put on record where there is none.
-- Answers for each a letter (p paused, n not due, r running, e ended, u unknown), or of a run that has begun:
-- token, spec, data, attempts made, created, ready since, begun.
local lease = tonumber(ARGV[3])
local answer = {}
local i = 4
while i <= #ARGV do
  local id = ARGV[i]
  local described = ARGV[i + 1] == '1'
  local job = call('HMGET', job_key(id), 'state', 'token', 'spec', 'data', 'made', 'created', 'ready')
  local state = job[1]
  local result
  if not state then
    if has_tombstone(id) then
      result = 'e'
    elseif not described then
      result = 'u'
    else
      state = add_job(id, ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5], ARGV[i + 6])
      job = { state, false, ARGV[i + 2], ARGV[i + 3], false, now_text, now_text }
    end
  end
  if state == 'd' then
    result = 'n'
  elseif state == 'a' then
    result = 'r'
  elseif state == 'c' or state == 'f' then
    result = 'e'
  elseif state and is_paused() then
    put('outbox', id, now)
    result = 'p'
  elseif state then
    local token = text((tonumber(job[2] or 0)) + 1)
    leave(id, 'w', job[3])
    call('HSET', job_key(id), 'state', 'a', 'started', now_text, 'token', token)
    put('active', id, now + lease)
    changed('s', id, 'a')
    result = { token, job[3], job[4], job[5] or '0', job[6], job[7], now_text }
  end
  answer[#answer + 1] = result
  i = i + (described and 7 or 2)
end

finish_call()
return answer

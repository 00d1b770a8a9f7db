-- ARGV, for each report: id, token, progress, has step (0 or 1), step, its result, number of log lines, the lines. Answers like renew.
local answer = {}
local i = 3
while i <= #ARGV do
  local id = ARGV[i]
  local lines = tonumber(ARGV[i + 6])
  local job = held(id, ARGV[i + 1])
  if job then
    take_progress(id, ARGV[i + 2])
    take_logs(id, i + 7, lines)
    if ARGV[i + 3] == '1' then
      local key = prefix .. 'steps:' .. id
      local step = ARGV[i + 4]
      if call('HEXISTS', key, step) == 1 then
        call('HSET', key, step, ARGV[i + 5])
      else
        local number = call('HLEN', key)
        if number < MAX_STEPS then
          call('HSET', key, step, ARGV[i + 5])
          call('HSET', job_key(id), 'step:' .. number, step)
        end
      end
    end
    answer[#answer + 1] = lease_state(job)
  else
    answer[#answer + 1] = 'l'
  end
  i = i + 7 + lines
end

finish_call()
return table.concat(answer)

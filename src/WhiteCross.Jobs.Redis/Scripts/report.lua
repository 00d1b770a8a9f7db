-- Puts what runs report on record.
-- ARGV    for each report: id, token, its number, progress, has step (0 or 1), step, its result, number of log lines, the lines
-- answer  a letter for each, as from renew.lua; s when the job has as many steps as it may have, so that this one was not kept
local steps = {}
local answer = {}
local i = 3
while i <= #ARGV do
  local id = ARGV[i]
  local lines = tonumber(ARGV[i + 7])
  local job = held(id, ARGV[i + 1])
  local result = 'l'
  if job then
    result = lease_state(job)
    take_report(id, job, ARGV[i + 2], ARGV[i + 3], i + 8, lines)
    if ARGV[i + 4] == '1' then
      local key, step = prefix .. 'steps:' .. id, ARGV[i + 5]
      local kept = steps[id]
      if not kept then
        kept = { number = call('HLEN', key), new = {} }
        steps[id] = kept
      end
      if kept.new[step] or call('HEXISTS', key, step) == 1 then
        kept.new[step] = ARGV[i + 6]
      elseif kept.number < MAX_STEPS then
        kept.new[step] = ARGV[i + 6]
        set(id, 'step:' .. kept.number, step)
        kept.number = kept.number + 1
      else
        result = 's'
      end
    end
  end
  answer[#answer + 1] = result
  i = i + 8 + lines
end

for id, kept in pairs(steps) do
  for step, value in pairs(kept.new) do
    call('HSET', prefix .. 'steps:' .. id, step, value)
  end
end
write_logs()
finish_call()
return table.concat(answer)

-- Hands out dead letters.
-- ARGV    [3] limit; or 0, and the ids of jobs whose letters are wanted whoever has claimed them
-- answer  whether the queue is paused; the claim; the records of the jobs, see record.lua
local ids = {}
if ARGV[3] == '0' then
  local wanted = {}
  for i = 4, #ARGV do
    wanted[#wanted + 1] = ARGV[i]
  end
  local owed = scores('deadletters', wanted)
  for n, id in ipairs(wanted) do
    if owed[n] then
      ids[#ids + 1] = id
    end
  end
else
  ids = call('ZRANGEBYSCORE', prefix .. 'deadletters', '-inf', now_text, 'LIMIT', 0, ARGV[3])
end

local answer = { is_paused() and 1 or 0, #ids > 0 and claim_text() or '0' }
for _, id in ipairs(ids) do
  if is_page_full() then
    break
  elseif call('EXISTS', job_key(id)) == 1 then
    put('deadletters', id, claim())
    answer[#answer + 1] = record(id, true)
  else
    drop(id)
  end
end

finish_call()
return answer

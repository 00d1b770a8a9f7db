-- Puts another result in place of what an ended job has on record.
-- ARGV    [3] id, [4] result
-- answer  d done, n not found, w the job has not ended
local id = ARGV[3]
local state = get(id, 'state')[1]
local answer = 'd'
if not state then
  answer = 'n'
elseif state ~= 'c' and state ~= 'f' then
  answer = 'w'
else
  set(id, 'result', ARGV[4])
end

finish_call()
return answer

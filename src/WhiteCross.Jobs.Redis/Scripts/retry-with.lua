-- Makes a failed job wait again with other data.
-- ARGV    [3] id, [4] data, [5] sum, [6] until when it must have failed: one that failed later is not the one whose data was looked at,
--         [7] the hashes of its terms
-- answer  d done, n not found, w wrong state
local id = ARGV[3]
local job = get(id, 'state', 'spec', 'token', 'finished', 'terms')
local answer = 'd'
if not job[1] then
  answer = 'n'
elseif job[1] ~= 'f' or tonumber(job[4]) > tonumber(ARGV[6]) then
  answer = 'w'
else
  -- It is still found by what it was about before, and by its tags. Those that it has already stay: the most are the same.
  local terms = job[5] or ''
  for term in string.gmatch(ARGV[7], '%S+') do
    if not string.find(terms, term, 1, true) then
      terms = terms == '' and term or terms .. ' ' .. term
    end
  end
  set(id, 'data', ARGV[4], 'sum', ARGV[5], 'terms', terms)
  move_from_failed_to_waiting(id, job[2], job[3])
end

finish_call()
return answer

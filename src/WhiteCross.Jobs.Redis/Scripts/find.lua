-- A page of the jobs that have a term, by their ids.
-- ARGV    [3] the term's hash, [4] the most on the page, [5] the id that the last page ended with (empty: the first page)
-- answer  whether the queue is paused; the id that this page ends with when there are more, else empty; the records, see record.lua
local term, limit = ARGV[3] .. ' ', tonumber(ARGV[4])
local from = ARGV[5] == '' and '[' .. term or '(' .. term .. ARGV[5]
-- '!' comes next after the blank.
local members = call('ZRANGEBYLEX', prefix .. 'terms', from, '(' .. ARGV[3] .. '!', 'LIMIT', 0, limit + 1)

local answer = { is_paused() and 1 or 0, '' }
local taken = 0
while taken < math.min(limit, #members) and not is_page_full() do
  taken = taken + 1
  answer[#answer + 1] = record(string.sub(members[taken], #term + 1), false)
end
if #members > taken then
  answer[2] = string.sub(members[taken], #term + 1)
end

return answer

-- Some of the jobs that have a term, the newest first: looks at so many jobs and no more, so that nobody waits long for Redis.
-- ARGV    [3] the term's hash, [4] the most to find, [5] and [6] the score and id of the job that was looked at last (empty: from the newest),
--         [7] the most to look at
-- answer  whether the queue is paused; the score and id of the job that was looked at last when there are older ones, else empty; the bytes of the
--         records; the records, see record.lua
local term, limit, most = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[7])
local key = prefix .. 'all'
local rank = first_rank(key, ARGV[5], ARGV[6])
local entries = call('ZREVRANGE', key, rank, rank + most, 'WITHSCORES')

local answer = { is_paused() and 1 or 0, '', '', 0 }
local looked = 0
while looked < math.min(most, #entries / 2) and #answer - 4 < limit and not is_page_full() do
  looked = looked + 1
  local id = entries[looked * 2 - 1]
  local terms = call('HGET', job_key(id), 'terms')
  if terms and string.find(terms, term, 1, true) then
    answer[#answer + 1] = record(id, false)
  end
end
if #entries > looked * 2 then
  answer[2], answer[3] = text(tonumber(entries[looked * 2])), entries[looked * 2 - 1]
end
answer[4] = page_bytes

return answer

-- ARGV[3..] ids. Answers a letter for each: its state as it is shown; of one that left only a tombstone, c if it completed and f if not; - for one
-- that never was.
local ids = {}
for i = 3, #ARGV do
  ids[#ids + 1] = ARGV[i]
end

local known = scores('all', ids)
local tombs = scores('tombs', ids)
local failed = scores('tombs-failed', ids)
local answer = {}
for n, id in ipairs(ids) do
  if known[n] then
    answer[n] = shown(call('HGET', job_key(id), 'state') or 'c')
  elseif tombs[n] and tonumber(tombs[n]) > now then
    -- One of another time is an earlier job's of the same id.
    answer[n] = failed[n] == tombs[n] and 'f' or 'c'
  else
    answer[n] = '-'
  end
end

return table.concat(answer)

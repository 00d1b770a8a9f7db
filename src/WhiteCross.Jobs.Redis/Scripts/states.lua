-- ARGV[3..] ids. Answers a letter for each: its state as it is shown; c for one that left only a tombstone; - for one that never was.
local ids = {}
for i = 3, #ARGV do
  ids[#ids + 1] = ARGV[i]
end

local known = scores('all', ids)
local tombs = scores('tombs', ids)
local answer = {}
for n, id in ipairs(ids) do
  if known[n] then
    answer[n] = shown(call('HGET', job_key(id), 'state') or 'c')
  else
    answer[n] = tombs[n] and tonumber(tombs[n]) > now and 'c' or '-'
  end
end

return table.concat(answer)

-- What is known of jobs, without their records.
-- ARGV    ids
-- answer  a letter for each: its state as it is shown; of one that left only a tombstone C completed, F failed, R removed before its end; - for one that
--         never was, or was recalled
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
    local letter = remains(id, tombs[n], failed[n])
    answer[n] = letter == 'w' and '-' or string.upper(letter)
  else
    answer[n] = '-'
  end
end

return table.concat(answer)

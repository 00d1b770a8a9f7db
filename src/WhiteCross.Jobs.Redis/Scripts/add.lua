-- Puts jobs on record.
-- ARGV    for each job: id, spec, data, options, delay, error, sum
-- answer  three letters for each: a added, x exists, t tombstone; its state, of a tombstone c completed, f failed, r removed before its end;
--         1 when its type and data are the same as those of the job that is known, or that cannot be told, else 0
local ids = {}
for i = 3, #ARGV, 7 do
  ids[#ids + 1] = ARGV[i]
end

local known = scores('all', ids)
local tombs = scores('tombs', ids)
local function same(sum, other)
  return (not sum or sum == '' or sum == other) and '1' or '0'
end

local here = {}
local answer = {}
for n, id in ipairs(ids) do
  local i = 3 + (n - 1) * 7
  local sum = ARGV[i + 6]
  if here[id] then
    answer[n] = 'x' .. here[id] .. same(get(id, 'sum')[1], sum)
  elseif known[n] then
    local job = get(id, 'state', 'sum')
    answer[n] = 'x' .. shown(job[1] or 'c') .. same(job[2], sum)
  elseif tombs[n] and keeps_out(id, tombs[n]) then
    local letter, left = remains(id, tombs[n], call('ZSCORE', prefix .. 'tombs-failed', id))
    answer[n] = 't' .. letter .. same(left, sum)
  else
    local state = add_job(id, ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5], sum)
    here[id] = state
    answer[n] = 'a' .. state .. '1'
  end
end

finish_call()
return table.concat(answer)

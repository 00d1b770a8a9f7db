-- ARGV, for each job: id, spec, data, options, delay, error. Answers two letters for each: a added, x exists, t tombstone; its state.
local ids = {}
for i = 3, #ARGV, 6 do
  ids[#ids + 1] = ARGV[i]
end

local known = scores('all', ids)
local tombs = scores('tombs', ids)
local here = {}
local answer = {}
for n, id in ipairs(ids) do
  local i = 3 + (n - 1) * 6
  if here[id] then
    answer[n] = 'x' .. here[id]
  elseif known[n] then
    answer[n] = 'x' .. shown(call('HGET', job_key(id), 'state') or 'c')
  elseif tombs[n] and tonumber(tombs[n]) > now then
    answer[n] = 'tc'
  else
    here[id] = add_job(id, ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5])
    answer[n] = 'a' .. here[id]
  end
end

finish_call()
return table.concat(answer)

-- Puts jobs on record that events described, where they are not, and holds those that wait for the process that has the events.
-- ARGV    [3] lease; then for each job: id, spec, data, options, delay, error, sum
-- answer  two letters for each: a added, x exists, t tombstone; its state
local hold_until = now + tonumber(ARGV[3])
local ids = {}
for i = 4, #ARGV, 7 do
  ids[#ids + 1] = ARGV[i]
end

local tombs = scores('tombs', ids)
local here = {}
local answer = {}
for n, id in ipairs(ids) do
  local i = 4 + (n - 1) * 7
  local state = here[id]
  if not state then
    local known = get(id, 'state')[1]
    state = known and shown(known)
  end
  if state then
    answer[n] = 'x' .. state
  elseif stands(id, tombs[n]) then
    answer[n] = 'tc'
  else
    state = add_job(id, ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5], ARGV[i + 6])
    answer[n] = 'a' .. state
  end
  here[id] = state
  if state == 'w' then
    put('outbox', id, hold_until)
  end
end

finish_call()
return table.concat(answer)

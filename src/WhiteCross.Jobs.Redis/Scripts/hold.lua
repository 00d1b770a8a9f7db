-- Holds jobs that have arrived in a process and not begun.
-- ARGV    [3] lease; then their ids
-- answer  a digit for each: 1 held, 0 it does not wait (any more), or the queue is paused: then nobody begins it, and what is owed when it is resumed
--         stays as it is
local ids = {}
for i = 4, #ARGV do
  ids[#ids + 1] = ARGV[i]
end

local held = {}
if not is_paused() then
  -- Four commands for all of them, rather than one for each.
  for _, priority in ipairs({ '1', '5', '10', '20' }) do
    for n, score in pairs(scores('waiting:' .. priority, ids)) do
      held[n] = held[n] or score
    end
  end
end

local answer = {}
for n, id in ipairs(ids) do
  answer[n] = held[n] and '1' or '0'
  if held[n] then
    put('outbox', id, now + tonumber(ARGV[3]))
  end
end

finish_call()
return table.concat(answer)

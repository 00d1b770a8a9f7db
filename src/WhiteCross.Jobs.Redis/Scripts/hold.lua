-- Holds jobs that have arrived in a process and not begun.
-- ARGV    [3] lease; then their ids
-- answer  a digit for each: 1 held, 0 it does not wait (any more), or the queue is paused: then nobody begins it, and what is owed when it is resumed
--         stays as it is
local ids = {}
for i = 4, #ARGV do
  ids[#ids + 1] = ARGV[i]
end

-- A command for a lane rather than one for each job. An event's jobs are of one lane, most of them of the normal one: the others are asked for what is left.
local held, left = {}, is_paused() and 0 or #ids
for _, priority in ipairs({ '5', '10', '20', '1' }) do
  if left > 0 then
    for n, score in ipairs(scores('waiting:' .. priority, ids)) do
      if score and not held[n] then
        held[n], left = score, left - 1
      end
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

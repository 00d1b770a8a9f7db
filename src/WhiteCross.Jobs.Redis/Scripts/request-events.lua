-- Hands back events that could not be published.
-- ARGV    for each job: id, claim (0: whatever is claimed, if the job waits)
local ids = {}
for i = 3, #ARGV, 2 do
  ids[#ids + 1] = ARGV[i]
end

local owed = scores('outbox', ids)
for n, id in ipairs(ids) do
  local number = ARGV[2 + 2 * n]
  if number ~= '0' and is_claimed(owed[n], number) or number == '0' and get(id, 'state')[1] == 'w' then
    put('outbox', id, now)
  end
end

finish_call()

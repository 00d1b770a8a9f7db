-- Finds waiting jobs without an event in flight.
-- ARGV    [3] minimum age, [4] limit; then for each lane: its priority, the age of its oldest event
-- answer  how many were found
if is_paused() then
  return 0
end

local found = 0
for i = 5, #ARGV, 2 do
  local before = now - math.max(tonumber(ARGV[i + 1]), tonumber(ARGV[3]))
  local ids = call('ZRANGEBYSCORE', prefix .. 'waiting:' .. ARGV[i], '-inf', '(' .. text(before), 'LIMIT', 0, ARGV[4])
  local owed = scores('outbox', ids)
  for n, id in ipairs(ids) do
    if not owed[n] then
      put('outbox', id, now)
      found = found + 1
    end
  end
end

finish_call()
return found

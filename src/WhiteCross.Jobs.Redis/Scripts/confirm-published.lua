-- Strikes events that have been published, if they are those that were handed out.
-- ARGV    for each job: id, claim (0: any)
local ids = {}
for i = 3, #ARGV, 2 do
  ids[#ids + 1] = ARGV[i]
end

local owed = scores('outbox', ids)
for n, id in ipairs(ids) do
  if is_claimed(owed[n], ARGV[2 + 2 * n]) then
    put('outbox', id, false)
    local job = get(id, 'spec', 'ready')
    if job[1] then
      put('waiting:' .. priority_of(job[1]), id, now)
      if job[2] and now - tonumber(job[2]) > LATE then
        put('late', id, tonumber(job[2]))
      end
    else
      drop(id)
    end
  end
end

finish_call()

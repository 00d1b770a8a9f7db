-- ARGV: the ids of the jobs whose events have been published.
local ids = {}
for i = 3, #ARGV do
  ids[#ids + 1] = ARGV[i]
end

local owed = scores('outbox', ids)
for n, id in ipairs(ids) do
  if owed[n] then
    put('outbox', id, false)
    local spec = call('HGET', job_key(id), 'spec')
    if spec then
      put('waiting:' .. priority_of(spec), id, now)
    else
      drop(id)
    end
  end
end

finish_call()

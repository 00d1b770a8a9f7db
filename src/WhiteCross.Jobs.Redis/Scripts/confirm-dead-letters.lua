-- ARGV[3] time to keep tombstones; then the ids of the jobs whose dead letters have been published.
local ids = {}
for i = 4, #ARGV do
  ids[#ids + 1] = ARGV[i]
end

local owed = scores('deadletters', ids)
local done = {}
for n, id in ipairs(ids) do
  if owed[n] and not done[id] then
    done[id] = true
    put('deadletters', id, false)
    local spec = call('HGET', job_key(id), 'spec')
    if not spec then
      drop(id)
    elseif removes_on_fail(spec) then
      forget(id, spec, 'f', tonumber(ARGV[3]))
    end
  end
end

finish_call()

-- Strikes dead letters that have been published; forgets the jobs that asked for it.
-- ARGV    [3] time to keep tombstones; then for each job: id, claim (0: any)
local ids = {}
for i = 4, #ARGV, 2 do
  ids[#ids + 1] = ARGV[i]
end

local owed = scores('deadletters', ids)
local done = {}
for n, id in ipairs(ids) do
  if not done[id] and is_claimed(owed[n], ARGV[3 + 2 * n]) then
    done[id] = true
    put('deadletters', id, false)
    local spec = get(id, 'spec')[1]
    if not spec then
      drop(id)
    elseif removes_on_fail(spec) then
      forget(id, spec, 'f', tonumber(ARGV[3]))
    end
  end
end

finish_call()

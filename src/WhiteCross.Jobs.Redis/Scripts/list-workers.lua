-- The workers that are alive; forgets the others.
-- ARGV    [3] for how many milliseconds after it spoke last a worker is alive
-- answer  their JSON
local key = prefix .. 'workers'
local entries = call('HGETALL', key)
local alive = {}
for i = 1, #entries, 2 do
  local spoke, json = string.match(entries[i + 1], '^(%d+) (.*)$')
  if now - tonumber(spoke) <= tonumber(ARGV[3]) then
    alive[#alive + 1] = json
  else
    call('HDEL', key, entries[i])
  end
end
return alive

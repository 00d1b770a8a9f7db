-- Adds entries to the audit log, each tied to the one before it.
-- KEYS    [1] the stream
-- ARGV    [1] the link that they are tied to, [2] entries from before this time go (ms); then for each entry its JSON, its number, its link
-- answer  {1} when they are in it, now or since the same call before, whose answer was lost; else {0, the last number, the last link}: another was first
local LATEST = 500

-- The first write is one that a full Redis takes; then it takes the rest too. What makes room must be on record.
redis.call('XTRIM', KEYS[1], 'MINID', '~', ARGV[2])

local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local number, link = '0', ''
if last and last[2][3] == 'number' then
  number, link = last[2][4], last[2][6]
end

if link ~= ARGV[1] then
  for _, entry in ipairs(redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', LATEST)) do
    if entry[2][6] == ARGV[5] then
      return { 1 }
    end
  end
  return { 0, number, link }
end

for i = 3, #ARGV, 3 do
  redis.call('XADD', KEYS[1], '*', 'entry', ARGV[i], 'number', ARGV[i + 1], 'chain', ARGV[i + 2])
end
return { 1 }

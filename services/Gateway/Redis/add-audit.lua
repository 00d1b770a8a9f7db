-- Adds what somebody did to the audit log, unless it is among the latest entries: then the answer to its adding was lost.
-- KEYS    [1] the stream
-- ARGV    [1] the entry's JSON, [2] the most entries, about
local LATEST = 100
for _, entry in ipairs(redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', LATEST)) do
  if entry[2][2] == ARGV[1] then
    return 0
  end
end
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'entry', ARGV[1])
return 1

-- Notes a change of health.
-- KEYS    [1] the last status and time of each component, [2] the changes, newest first
-- ARGV    [1] component, [2] status, [3] when in ms, [4] the change's JSON, [5] the most changes, [6] the status that is no change when it is a
--         component's first
-- answer  1 when it was added, else 0
local last = redis.call('HGET', KEYS[1], ARGV[1])
if last then
  local status, at = string.match(last, '^(%S+) (%d+)$')
  if status == ARGV[2] or tonumber(at) >= tonumber(ARGV[3]) then
    return 0
  end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[3])
if not last and ARGV[2] == ARGV[6] then
  return 0
end
redis.call('LPUSH', KEYS[2], ARGV[4])
redis.call('LTRIM', KEYS[2], 0, ARGV[5] - 1)
return 1

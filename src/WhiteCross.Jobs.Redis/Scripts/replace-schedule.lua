-- KEYS[1] the queue's schedules, ARGV: id, the version that is expected there or empty for none, the schedule's JSON. Answers 1 when that was there.
local current = redis.call('HGET', KEYS[1], ARGV[1])
local version = ''
if current then
  version = string.format('%.0f', cjson.decode(current).version)
end
if version ~= ARGV[2] then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1

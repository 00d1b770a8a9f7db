-- KEYS[1] a hash of versioned JSON, ARGV: the field, the version that is expected there or empty for none, the new JSON. Answers 1 when that was there.
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

-- Puts versioned JSON in the place of what is expected there.
-- KEYS    [1] the hash
-- ARGV    [1] the field, [2] the version that is expected there or empty for none, [3] the new JSON
-- answer  1 when that was there, else 0
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

-- Removes a slice of what every group of a stream has acknowledged.
-- KEYS    [1] the stream
-- ARGV    [1] the most entries to look at
-- answer  how many were removed; 1 when nothing is left to remove
if redis.call('EXISTS', KEYS[1]) == 0 then
  return { 0, 1 }
end

local function parts(id)
  local time, number = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(time), tonumber(number)
end

local function after(id)
  local time, number = string.match(id, '^(%d+)-(%d+)$')
  -- Beyond 2^53 the next number cannot be told: then the entry itself stays.
  return tonumber(number) < 9007199254740991 and time .. '-' .. string.format('%.0f', tonumber(number) + 1) or id
end

local function older(left, right)
  local left_time, left_number = parts(left)
  local right_time, right_number = parts(right)
  return left_time < right_time or (left_time == right_time and left_number < right_number)
end

local keep_from = nil
for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local fields = {}
  for i = 1, #group, 2 do
    fields[group[i]] = group[i + 1]
  end
  local pending = redis.call('XPENDING', KEYS[1], fields['name'], '-', '+', 1)[1]
  local needed = pending and pending[1] or after(fields['last-delivered-id'])
  if not keep_from or older(needed, keep_from) then
    keep_from = needed
  end
end

-- Without a group nobody can tell what has been taken.
if not keep_from then
  return { 0, 1 }
end

local removed = redis.call('XTRIM', KEYS[1], 'MINID', '~', keep_from, 'LIMIT', ARGV[1])
if removed > 0 then
  return { removed, 0 }
end

-- What is left is less than one node of the stream.
return { redis.call('XTRIM', KEYS[1], 'MINID', keep_from), 1 }

-- How far a group has taken a stream. KEYS[1] the stream; ARGV[1] the group. Answers the time in milliseconds of the oldest entry that the group
-- has not read or not acknowledged; the present time when there is none.
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
if redis.call('EXISTS', KEYS[1]) == 0 then
  return now
end

-- A group that does not exist yet begins at the stream's beginning.
local last = nil
for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local fields = {}
  for i = 1, #group, 2 do
    fields[group[i]] = group[i + 1]
  end
  if fields['name'] == ARGV[1] then
    last = fields['last-delivered-id']
  end
end

local function time_of(id)
  return string.match(id, '^%d+')
end

-- What is pending was read before what is unread, and is older.
local pending = last and redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1)[1]
if pending then
  return time_of(pending[1])
end
local unread = redis.call('XRANGE', KEYS[1], last and '(' .. last or '-', '+', 'COUNT', 1)[1]
return unread and time_of(unread[1]) or now

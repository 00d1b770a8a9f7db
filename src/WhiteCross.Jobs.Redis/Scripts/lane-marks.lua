-- How far a group has taken a stream.
-- KEYS    [1] the stream
-- ARGV    [1] the group, [2] after how many milliseconds an entry that was read counts as taken; one that was read again does at once
-- answer  the age in milliseconds of the oldest entry that the group has not read, or neither acknowledged nor taken; 0 when there is none; -1 when that
--         cannot be told, since the entry is of a time to come: the clock has been set back
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
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

local function age_of(id)
  return math.max(-1, now - tonumber(string.match(id, '^%d+')))
end

-- What is pending was read before what is unread, and is older.
local PAGE = 100
local from = '-'
while last and from do
  local pending = redis.call('XPENDING', KEYS[1], ARGV[1], from, '+', PAGE)
  for _, entry in ipairs(pending) do
    -- Milliseconds since it was read last, and how often it was: what is read again has counted as taken before.
    if entry[3] < tonumber(ARGV[2]) and entry[4] == 1 then
      return age_of(entry[1])
    end
  end
  from = #pending == PAGE and '(' .. pending[PAGE][1]
end
local unread = redis.call('XRANGE', KEYS[1], last and '(' .. last or '-', '+', 'COUNT', 1)[1]
return unread and age_of(unread[1]) or 0

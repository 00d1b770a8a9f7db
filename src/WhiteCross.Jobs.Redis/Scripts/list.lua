-- A page of records, highest score first.
-- ARGV    [3] what (w waiting, p paused, d delayed, a active, c completed, f failed, all), [4] the most on the page, [5] and [6] the score and id of a
--         job that the page comes after (empty: the first page), [7] with data and results (0 or 1), [8] of failed ones only this group's (empty: all),
--         [9] 1: the page comes before that job
-- answer  whether the queue is paused; the score and id that this page ends with when there are older ones, else empty; those that it begins with when
--         there are newer ones, else empty; the records, see record.lua
local what, limit = ARGV[3], tonumber(ARGV[4])
local from_score, from_id = ARGV[5], ARGV[6]

local names = { all = { 'all' }, d = { 'delayed' }, a = { 'active' }, c = { 'completed' }, f = { 'failed' } }
local waiting = { 'waiting:1', 'waiting:5', 'waiting:10', 'waiting:20' }
if what == 'f' and ARGV[8] ~= '' then
  names.f = { 'cause:' .. ARGV[8] }
end
local wanted = names[what] or ((what == 'p') == is_paused() and waiting or {})

-- How many of a set are newer than the cursor's job, which may have gone since.
local function newer_ones(key)
  local rank = first_rank(key, from_score, from_id)
  local at = rank > 0 and call('ZREVRANGE', key, rank - 1, rank - 1, 'WITHSCORES') or {}
  return (at[1] == from_id and tonumber(at[2]) == tonumber(from_score)) and rank - 1 or rank
end

local back = ARGV[9] == '1'
local entries = {}
local has_newer = false
for _, set in ipairs(wanted) do
  local key = prefix .. set
  local range = {}
  if back then
    local newer = newer_ones(key)
    if newer > 0 then
      range = call('ZREVRANGE', key, math.max(0, newer - limit - 1), newer - 1, 'WITHSCORES')
    end
  else
    local rank = first_rank(key, from_score, from_id)
    has_newer = has_newer or rank > 0
    range = call('ZREVRANGE', key, rank, rank + limit, 'WITHSCORES')
  end
  for i = 1, #range, 2 do
    entries[#entries + 1] = { range[i], tonumber(range[i + 1]) }
  end
end
if #wanted > 1 then
  table.sort(entries, function(left, right)
    if left[2] ~= right[2] then
      return left[2] > right[2]
    end
    return less(right[1], left[1])
  end)
end

-- Those next to the cursor are taken, from the one end or the other.
local records = {}
while #records < math.min(limit, #entries) and not is_page_full() do
  records[#records + 1] = record(entries[back and #entries - #records or #records + 1][1], ARGV[7] == '1')
end

local taken = #records
local answer = { is_paused() and 1 or 0, '', '', '', '' }
local first, last = 1, taken
if back then
  first, last, has_newer = #entries - taken + 1, #entries, #entries > taken
end
if taken > 0 and (back or #entries > taken) then
  answer[2], answer[3] = text(entries[last][2]), entries[last][1]
end
if taken > 0 and has_newer then
  answer[4], answer[5] = text(entries[first][2]), entries[first][1]
end
for i = 1, taken do
  answer[#answer + 1] = records[back and taken - i + 1 or i]
end

return answer

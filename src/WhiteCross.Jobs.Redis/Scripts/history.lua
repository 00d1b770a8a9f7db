-- What happened in each of the last minutes.
-- ARGV    [3] how many minutes back
-- answer  the present minute; then for each minute, newest first, its numbers; empty where nothing happened
local this_minute = math.floor(now / 60000)
local fields = {}
for i = 0, tonumber(ARGV[3]) - 1 do
  fields[#fields + 1] = text(this_minute - i)
end

local answer = { text(this_minute) }
for from = 1, #fields, SLICE do
  for _, value in ipairs(call('HMGET', prefix .. 'minutes', unpack(fields, from, math.min(from + SLICE - 1, #fields)))) do
    answer[#answer + 1] = value or ''
  end
end

return answer

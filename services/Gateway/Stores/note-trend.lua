-- Adds what was seen of a queue to its buckets. Of each number the greatest stays; a later bucket takes the place of an earlier one, never the other way.
-- KEYS    a hash for each ring, from place to bucket: its start and its numbers, parted by spaces
-- ARGV    for each bucket: the number of its key, its place, the bucket
for i = 1, #ARGV, 3 do
  local key, place = KEYS[tonumber(ARGV[i])], ARGV[i + 1]
  local seen = {}
  for number in string.gmatch(ARGV[i + 2], '%S+') do
    seen[#seen + 1] = number
  end
  local known = {}
  for number in string.gmatch(redis.call('HGET', key, place) or '', '%S+') do
    known[#known + 1] = number
  end
  local age = #known == 0 and 1 or tonumber(seen[1]) - tonumber(known[1])
  if age == 0 then
    for at, number in ipairs(known) do
      if not seen[at] or tonumber(number) > tonumber(seen[at]) then
        seen[at] = number
      end
    end
  end
  if age >= 0 then
    redis.call('HSET', key, place, table.concat(seen, ' '))
  end
end
return 1

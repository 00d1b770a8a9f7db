-- A slice of what is beyond the numbers to keep, and of the tombstones and minutes past their time.
-- ARGV    [3] limit, [4] completed jobs to keep, [5] failed jobs to keep, [6] time to keep tombstones, [7] minutes to keep
-- answer  jobs removed; tombstones removed
local limit = tonumber(ARGV[3])
local removed = trim_to_count(tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), limit)

local tombs = call('ZRANGEBYSCORE', prefix .. 'tombs', '-inf', now_text, 'LIMIT', 0, limit)
for _, id in ipairs(tombs) do
  stands(id, '0')
end

local oldest = math.floor(now / 60000) - tonumber(ARGV[7])
local old = {}
for _, field in ipairs(call('HKEYS', prefix .. 'minutes')) do
  if tonumber(field) <= oldest then
    old[#old + 1] = field
  end
end
call_sliced('HDEL', prefix .. 'minutes', old)
first_late()

finish_call()
return { removed, #tombs }

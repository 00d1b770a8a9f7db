-- A slice of what is beyond the numbers to keep, and of the tombstones and minutes past their time. ARGV[3..7] limit, completed jobs to keep,
-- failed jobs to keep, time to keep tombstones, minutes to keep. Answers jobs removed, and tombstones removed.
local limit = tonumber(ARGV[3])
local removed = trim_to_count(tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), limit)

local tombs = math.min(limit, call('ZCOUNT', prefix .. 'tombs', '-inf', now_text))
if tombs > 0 then
  call('ZREMRANGEBYRANK', prefix .. 'tombs', 0, tombs - 1)
  local failed = math.min(tombs, call('ZCOUNT', prefix .. 'tombs-failed', '-inf', now_text))
  if failed > 0 then
    call('ZREMRANGEBYRANK', prefix .. 'tombs-failed', 0, failed - 1)
  end
end

local oldest = math.floor(now / 60000) - tonumber(ARGV[7])
local old = {}
for _, field in ipairs(call('HKEYS', prefix .. 'minutes')) do
  if tonumber(field) <= oldest then
    old[#old + 1] = field
  end
end
call_sliced('HDEL', prefix .. 'minutes', old)

finish_call()
return { removed, tombs }

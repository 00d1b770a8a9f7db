-- The metrics of a queue.
-- ARGV    [3] minutes of the window
-- answer  whether paused; waiting, delayed, active, completed, failed; added, removed, completed, failed, stalled, retried since the beginning; since when
--         the longest waits (empty: none does); the minutes of the window
local waiting = 0
local oldest
local function see(since)
  if since and (not oldest or since < oldest) then
    oldest = since
  end
end

for _, priority in ipairs({ '1', '5', '10', '20' }) do
  local key = prefix .. 'waiting:' .. priority
  waiting = waiting + call('ZCARD', key)
  local first = call('ZRANGE', key, 0, 0)[1]
  see(first and tonumber(call('HGET', job_key(first), 'ready') or now))
end

-- These are in order of their latest event, which for some is not when they began to wait.
see(first_late())

local totals = call('HMGET', prefix .. 'counts', 'added', 'removed', 'completed', 'failed', 'stalled', 'retried')
for i = 1, 6 do
  totals[i] = totals[i] or '0'
end

local this_minute = math.floor(now / 60000)
local fields = {}
for i = 0, tonumber(ARGV[3]) - 1 do
  fields[#fields + 1] = text(this_minute - i)
end

local minutes = {}
for _, value in ipairs(call('HMGET', prefix .. 'minutes', unpack(fields))) do
  if value then
    minutes[#minutes + 1] = value
  end
end

return {
  is_paused() and 1 or 0,
  { waiting, call('ZCARD', prefix .. 'delayed'), call('ZCARD', prefix .. 'active'), call('ZCARD', prefix .. 'completed'), call('ZCARD', prefix .. 'failed') },
  totals,
  oldest and text(oldest) or '',
  minutes,
}

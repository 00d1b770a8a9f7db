-- What all scripts share. It stands in front of each of them.
--
-- KEYS[1]  the queue's prefix, wc:{<queue>}: ; every key is made from it, so that all lie in one slot of a cluster
-- ARGV[1]  the time in milliseconds; empty: Redis' own, which is one for all services
-- ARGV[2]  the channel of the queue's changes
--
-- job:<id>         hash: spec "priority max-attempts remove-on-complete remove-on-fail back-off timeout traceparent type", data, options,
--                  state (w d a c f), token, made, created, ready, started, due, finished, progress, result, error, cancel,
--                  attempt:<token> "number started finished error", step:<n> the name of the nth finished step
-- logs:<id>        list of lines                    steps:<id>  hash: name -> result
-- waiting:<prio>   by the time of the latest event  delayed     by the time it is due
-- active           by the end of the lease          completed, failed  by the time of the end
-- outbox           waiting jobs that need an event, by when they may be handed out
-- deadletters      failed jobs that owe a dead letter, by when they may be handed out
-- all              by the time of adding            tombs       by the time they may be forgotten
-- tombs-failed     those of them that did not complete: they failed, or were removed before their end
-- counts           hash                             minutes     hash: minute -> "completed failed attempts milliseconds added stalled",
--                                                                     then attempts by their duration: up to each of DURATIONS, and longer
-- paused           exists while the queue is paused
-- schedules, retries  hash: id -> JSON; see replace.lua   workers  hash: id -> "when it spoke last" JSON

local CLAIM = 10000
local MAX_LOG_LINES = 200
local MAX_STEPS = 1000

local prefix = KEYS[1]
local call = redis.call

-- Most numbers of a call are the same few times.
local texts = {}
local function text(number)
  local known = texts[number]
  if not known then
    known = string.format('%.0f', number)
    texts[number] = known
  end
  return known
end

local now = tonumber(ARGV[1])
if not now then
  local time = call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local now_text = text(now)

local paused_known, paused_value = false, false
local function is_paused()
  if not paused_known then
    paused_known, paused_value = true, call('EXISTS', prefix .. 'paused') == 1
  end
  return paused_value
end

local function job_key(id)
  return prefix .. 'job:' .. id
end

-- Arguments are at most a few thousand at once: the stack of Lua holds 8,000.
local SLICE = 2000
local function call_sliced(command, key, arguments)
  for from = 1, #arguments, SLICE do
    call(command, key, unpack(arguments, from, math.min(from + SLICE - 1, #arguments)))
  end
end

-- Changes of sorted sets are gathered and written once per set; of several for one id the last counts.
local sets = {}
local function put(set, id, score)
  local ids = sets[set]
  if not ids then
    ids = {}
    sets[set] = ids
  end
  ids[id] = score
end

local function write_sets()
  for set, ids in pairs(sets) do
    local added, removed = {}, {}
    for id, score in pairs(ids) do
      if score then
        added[#added + 1] = text(score)
        added[#added + 1] = id
      else
        removed[#removed + 1] = id
      end
    end
    call_sliced('ZADD', prefix .. set, added)
    call_sliced('ZREM', prefix .. set, removed)
  end
  sets = {}
end

-- Milliseconds; those of DurationBuckets.
local DURATIONS = { 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 300000, 600000 }
local BEFORE_DURATIONS = 6

local minute
local function count_in_minute(place, by)
  if not minute then
    minute = {}
    for i = 1, BEFORE_DURATIONS + #DURATIONS + 1 do
      minute[i] = 0
    end
  end
  minute[place] = minute[place] + by
end

local function count_minute(completed, failed, duration)
  count_in_minute(1, completed)
  count_in_minute(2, failed)
  if duration then
    local bucket = 1
    while DURATIONS[bucket] and duration > DURATIONS[bucket] do
      bucket = bucket + 1
    end
    count_in_minute(3, 1)
    count_in_minute(4, duration)
    count_in_minute(BEFORE_DURATIONS + bucket, 1)
  end
end

local counts = {}
local minute_places = { added = 5, stalled = 6 }
local function count(name, by)
  counts[name] = (counts[name] or 0) + (by or 1)
  if minute_places[name] then
    count_in_minute(minute_places[name], by or 1)
  end
end

local function shown(state)
  return state == 'w' and is_paused() and 'p' or state
end

-- One message for all changes of a call: the time, then for each change its kind (s state, p progress, l log line, r removed), the job's
-- state, its id and, with p and l, what is new; lengths before them, so that nothing needs escaping.
local changes = {}
local function changed(kind, id, state, payload)
  changes[#changes + 1] = kind .. shown(state) .. #id .. ':' .. id
  if payload then
    changes[#changes + 1] = #payload .. ':' .. payload
  end
end

local gone = {}

local function finish_call()
  write_sets()
  call_sliced('UNLINK', prefix .. 'none', gone)
  for name, by in pairs(counts) do
    call('HINCRBY', prefix .. 'counts', name, by)
  end
  if minute then
    local field = text(math.floor(now / 60000))
    local old = call('HGET', prefix .. 'minutes', field)
    if old then
      local i = 0
      for number in string.gmatch(old, '%S+') do
        i = i + 1
        minute[i] = minute[i] + tonumber(number)
      end
    end
    for i = 1, #minute do
      minute[i] = text(minute[i])
    end
    call('HSET', prefix .. 'minutes', field, table.concat(minute, ' '))
  end
  if #changes > 0 then
    call('PUBLISH', ARGV[2], now_text .. ';' .. table.concat(changes))
  end
end

local function priority_of(spec)
  return string.match(spec, '^%d+')
end

local function max_attempts_of(spec)
  return tonumber(string.match(spec, '^%d+ (%d+)'))
end

local function removes_on_complete(spec)
  return string.match(spec, '^%d+ %d+ (%d)') == '1'
end

local function removes_on_fail(spec)
  return string.match(spec, '^%d+ %d+ %d (%d)') == '1'
end

local function leave(id, state, spec)
  if state == 'w' then
    put('waiting:' .. priority_of(spec), id, false)
    put('outbox', id, false)
  elseif state == 'd' then
    put('delayed', id, false)
  elseif state == 'a' then
    put('active', id, false)
  elseif state == 'c' then
    put('completed', id, false)
  elseif state == 'f' then
    put('failed', id, false)
    put('deadletters', id, false)
  end
end

-- The moves between states. Each takes more fields of the job's hash to be written along with its own.

local function move_to_waiting(id, spec, old_state, needs_event, ...)
  leave(id, old_state, spec)
  call('HSET', job_key(id), 'state', 'w', 'ready', now_text, ...)
  put('waiting:' .. priority_of(spec), id, now)
  if needs_event then
    put('outbox', id, now)
  end
  changed('s', id, 'w')
end

local function move_to_delayed(id, spec, old_state, delay, ...)
  leave(id, old_state, spec)
  call('HSET', job_key(id), 'state', 'd', 'due', text(now + delay), ...)
  put('delayed', id, now + delay)
  changed('s', id, 'd')
end

local function move_to_failed(id, spec, old_state, error, duration, ...)
  count_minute(0, 1, duration)
  leave(id, old_state, spec)
  call('HSET', job_key(id), 'state', 'f', 'error', error, 'finished', now_text, ...)
  put('failed', id, now)
  count('failed')
  -- Whoever recorded the failure publishes its dead letter at once; the claim keeps others from doing it too.
  put('deadletters', id, now + CLAIM)
  changed('s', id, 'f')
end

local function forget(id, spec, state, keep_tombstone)
  leave(id, state, spec)
  gone[#gone + 1] = job_key(id)
  gone[#gone + 1] = prefix .. 'logs:' .. id
  gone[#gone + 1] = prefix .. 'steps:' .. id
  put('all', id, false)
  put('tombs', id, now + keep_tombstone)
  if state ~= 'c' then
    put('tombs-failed', id, now + keep_tombstone)
  end
  count('removed')
  changed('r', id, state)
end

-- A job without a record, as an eviction would leave it: it goes from all sets, rather than stop the queue at it for ever.
local function drop(id)
  for _, set in ipairs({ 'waiting:1', 'waiting:5', 'waiting:10', 'waiting:20', 'delayed', 'active', 'completed', 'failed', 'outbox',
    'deadletters', 'all' }) do
    put(set, id, false)
  end
  count('removed')
end

local function has_tombstone(id)
  local keep_until = call('ZSCORE', prefix .. 'tombs', id)
  return keep_until and tonumber(keep_until) > now
end

local function scores(set, ids)
  local found = {}
  for from = 1, #ids, SLICE do
    local to = math.min(from + SLICE - 1, #ids)
    local answer = call('ZMSCORE', prefix .. set, unpack(ids, from, to))
    for i = 1, #answer do
      found[from + i - 1] = answer[i]
    end
  end
  return found
end

-- Puts a job on record that has neither a record nor a tombstone.
local function add_job(id, spec, data, options, delay, error)
  put('all', id, now)
  count('added')
  local fields = { 'spec', spec, 'data', data, 'created', now_text }
  if options ~= '' then
    fields[7], fields[8] = 'options', options
  end
  if error ~= '' then
    move_to_failed(id, spec, nil, error, nil, unpack(fields))
    return 'f'
  elseif tonumber(delay) > 0 then
    move_to_delayed(id, spec, nil, tonumber(delay), unpack(fields))
    return 'd'
  end
  move_to_waiting(id, spec, nil, is_paused(), unpack(fields))
  return shown('w')
end

-- The oldest ended jobs beyond the number to keep; failed ones not before their dead letter is out.
local function trim_to_count(keep_completed, keep_failed, keep_tombstone, limit)
  write_sets()
  local removed = 0
  for set, keep in pairs({ completed = keep_completed, failed = keep_failed }) do
    local excess = call('ZCARD', prefix .. set) - keep
    if excess > 0 then
      local ids = call('ZRANGE', prefix .. set, 0, math.min(excess, limit) - 1)
      local owed = set == 'failed' and scores('deadletters', ids) or {}
      for i, id in ipairs(ids) do
        if not owed[i] then
          forget(id, nil, set == 'completed' and 'c' or 'f', keep_tombstone)
          removed = removed + 1
        end
      end
    end
  end
  return removed
end

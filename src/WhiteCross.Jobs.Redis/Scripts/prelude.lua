-- What all scripts share. It stands in front of each of them.
--
-- KEYS[1]  the queue's prefix, wc:{<queue>}: ; every key is made from it, so that all lie in one slot of a cluster
-- ARGV[1]  the time in milliseconds; empty: Redis' own, which is one for all services
-- ARGV[2]  the channel of the queue's changes
--
-- job:<id>         hash: spec "priority max-attempts remove-on-complete remove-on-fail back-off timeout traceparent type", data, options,
--                  state (w d a c f), token, made, created, ready, started, due, finished, progress, result, error, cancel, cause,
--                  attempt:<token> "number started finished error", step:<n> the name of the nth finished step,
--                  sum (of its type and data), holder "token name", ended "token kind answer" (the last end of a run that did not end the job),
--                  reported "token number" (the last report of a run), snoozes, snooze (why), snoozed (since when),
--                  terms: hashes of what the job is found by, with blanks between them
-- logs:<id>        list of lines                    steps:<id>  hash: name -> result
-- waiting:<prio>   by the time of the latest event  delayed     by the time it is due
-- active           by the end of the lease          completed, failed  by the time of the end
-- outbox           waiting jobs that need an event, by when they may be handed out
-- deadletters      failed jobs that owe a dead letter, by when they may be handed out
-- all              by the time of adding            tombs       by the time they may be forgotten
-- tombs-failed     those of them that did not complete: they failed, or were removed before their end
-- causes           hash: group of failures -> when its first job failed   cause:<group>  its failed jobs, by the time of the end
-- notes            hash: group -> what operators have said of it
-- ends             hash: id -> how the job ended, and which run ended it how: "letter sum token kind answer"; kept as long as the tombstone
-- late             waiting jobs that were given another event since they began to wait, by when they began; cleared away when read
-- counts           hash, and: claim (the last that was made), swept, spared (see recover-stalled.lua)
--                                                   minutes     hash: minute -> "completed failed attempts milliseconds added stalled",
--                                                                     then attempts by their duration: up to each of DURATIONS, and longer
-- paused           exists while the queue is paused
-- schedules, retries  hash: id -> JSON; see replace.lua   workers  hash: id -> "when it spoke last" JSON

local CLAIM = 10000
local LATE = 1000
local MAX_LOG_LINES = 200
local MAX_STEPS = 1000
local MAX_EARLIER_ATTEMPTS = 20
local MAX_CAUSES = 500
local TILDE = string.byte('~')

local prefix = KEYS[1]
local call = redis.call

-- Most numbers of a call are the same few times.
local texts = {}
local function text(number)
  local known = texts[number]
  if not known then
    -- A claim's score is no whole number: see claim().
    known = string.format(number % 1 == 0 and '%.0f' or '%.10f', number)
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
  local length = #arguments
  if length > SLICE then
    for from = 1, length, SLICE do
      call(command, key, unpack(arguments, from, math.min(from + SLICE - 1, length)))
    end
  elseif length > 0 then
    call(command, key, unpack(arguments))
  end
end

-- Changes of jobs' hashes are gathered, and written at the end of the call after those of the sets: whatever goes wrong, a job's hash and the sets say the
-- same. What can fail for what somebody has put in a key's place comes first.
local hashes, hash_ids, gone_ids, new_ids = {}, {}, {}, {}

-- Fields and values as HSET takes them, in the order in which they were set: of several values of a field the last counts, there as here. The list is the
-- caller's no longer.
local function set_all(id, more)
  local fields = hashes[id]
  if not fields then
    hashes[id] = more
    hash_ids[#hash_ids + 1] = id
    return
  end
  local length = #fields
  for i = 1, #more do
    fields[length + i] = more[i]
  end
end

local function set(id, ...)
  set_all(id, { ... })
end

-- Fields of a job as this call has left them.
local function get(id, ...)
  local written = hashes[id]
  local values = (gone_ids[id] or new_ids[id]) and {} or call('HMGET', job_key(id), ...)
  if written then
    local known = {}
    for i = 1, #written, 2 do
      known[written[i]] = written[i + 1]
    end
    for i, name in ipairs({ ... }) do
      values[i] = known[name] or values[i]
    end
  end
  return values
end

local function write_hashes()
  for i = 1, #hash_ids do
    local id = hash_ids[i]
    if hashes[id] then
      call_sliced('HSET', job_key(id), hashes[id])
    end
  end
  hashes, hash_ids, new_ids = {}, {}, {}
end

-- How jobs ended, written once a call too. False: there was no such job, or it is another one's id now.
local ends = {}
local function remember_end(id, letter, sum, token, kind, answer)
  ends[id] = letter .. ' ' .. (sum or '') .. ' ' .. (token or '') .. ' ' .. (kind or '') .. (answer or '')
end

-- Letter, sum, token, kind, answer; each may be empty.
local function end_of(id)
  local value = ends[id]
  if value == nil then
    value = call('HGET', prefix .. 'ends', id)
  end
  if value then
    return string.match(value, '^(%a) (%S*) (%d*) ?(%a?)(%a?)$')
  end
end

local function write_ends()
  local known, length = {}, 0
  for id, value in pairs(ends) do
    if value then
      known[length + 1], known[length + 2] = id, value
      length = length + 2
    end
  end
  call_sliced('HSET', prefix .. 'ends', known)
end

-- Those of jobs whose ids are others' now; everything, when the call comes to nothing.
local function forget_ends(everything)
  if not next(ends) then
    return
  end
  local forgotten = {}
  for id, value in pairs(ends) do
    if everything or not value then
      forgotten[#forgotten + 1] = id
    end
  end
  call_sliced('HDEL', prefix .. 'ends', forgotten)
  ends = {}
end

-- Changes of sorted sets are gathered as arguments and written once per set, additions before removals: nothing goes back into a set in the call that takes it
-- from there. Of several scores of an id the last counts.
local adds, removes = {}, {}
local function put(name, id, score)
  if score then
    local added = adds[name]
    if added then
      local length = #added
      added[length + 1] = text(score)
      added[length + 2] = id
    else
      adds[name] = { text(score), id }
    end
  else
    local removed = removes[name]
    if removed then
      removed[#removed + 1] = id
    else
      removes[name] = { id }
    end
  end
end

-- Where a job belongs that is in this state: the set, and its place there.
local function home_of(job)
  local state, spec = job[1], job[2]
  if state == 'w' then
    return 'waiting:' .. string.match(spec, '^%d+'), job[3] or now
  elseif state == 'd' then
    return 'delayed', job[4] or now
  elseif state == 'a' then
    return 'active', now + CLAIM
  elseif state == 'c' then
    return 'completed', job[5] or now
  elseif state == 'f' then
    return 'failed', job[5] or now
  end
end

-- A set could not be written, since somebody has put something else in its place; hashes have not been written yet. What was written of other sets is put
-- back as the hashes have it: an event or a dead letter too many does no harm.
local function put_back(written)
  forget_ends(true)
  for name in pairs(written) do
    local key = prefix .. name
    local ids = {}
    for i = 2, #(adds[name] or ids), 2 do
      ids[adds[name][i]] = true
    end
    for _, id in ipairs(removes[name] or {}) do
      ids[id] = true
    end
    for id in pairs(ids) do
      local job = call('HMGET', job_key(id), 'state', 'spec', 'ready', 'due', 'finished', 'cause')
      local home, score = home_of(job)
      if name == 'outbox' and job[1] == 'w' or name == 'deadletters' and job[1] == 'f' or name == 'all' and job[1] then
        redis.pcall('ZADD', key, 'NX', now_text, id)
      elseif name == home or job[1] == 'f' and name == 'cause:' .. (job[6] or '') then
        redis.pcall('ZADD', key, score, id)
      else
        redis.pcall('ZREM', key, id)
      end
    end
  end
end

local function write_sets()
  -- What adds comes first: a Redis without memory left refuses it before anything has been written.
  local written = {}
  for _, step in ipairs({ { 'ZADD', adds }, { 'ZREM', removes } }) do
    for name, arguments in pairs(step[2]) do
      for from = 1, #arguments, SLICE do
        local to = math.min(from + SLICE - 1, #arguments)
        local answer = redis.pcall(step[1], prefix .. name, unpack(arguments, from, to))
        if type(answer) == 'table' and answer.err then
          put_back(written)
          call(step[1], prefix .. name, unpack(arguments, from, to)) -- The error as Redis says it.
        end
        written[name] = true
      end
    end
  end
  adds, removes = {}, {}
end

-- Milliseconds; those of DurationBuckets.
local DURATIONS = { 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 300000, 600000 }
local BEFORE_DURATIONS = 6

local minute
local function counts_of_minute()
  if not minute then
    minute = {}
    for i = 1, BEFORE_DURATIONS + #DURATIONS + 1 do
      minute[i] = 0
    end
  end
  return minute
end

local function count_minute(completed, failed, duration)
  local sums = counts_of_minute()
  sums[1], sums[2] = sums[1] + completed, sums[2] + failed
  if duration then
    local bucket = 1
    while DURATIONS[bucket] and duration > DURATIONS[bucket] do
      bucket = bucket + 1
    end
    bucket = BEFORE_DURATIONS + bucket
    sums[3], sums[4], sums[bucket] = sums[3] + 1, sums[4] + duration, sums[bucket] + 1
  end
end

local counts = {}
local minute_places = { added = 5, stalled = 6 }
local function count(name, by)
  by = by or 1
  counts[name] = (counts[name] or 0) + by
  local place = minute_places[name]
  if place then
    local sums = counts_of_minute()
    sums[place] = sums[place] + by
  end
end

local function shown(state)
  return state == 'w' and is_paused() and 'p' or state
end

-- One message for all changes of a call: the time, then for each change its kind (s state, p progress, l log line, r removed), the job's
-- state, its id and, with p and l, what is new; lengths before them, so that nothing needs escaping.
local lengths = {}
local changes = {}
local function length_of(value)
  local length = #value
  local known = lengths[length]
  if not known then
    known = length .. ':'
    lengths[length] = known
  end
  return known
end

local function changed(kind, id, state, payload)
  local n = #changes
  changes[n + 1] = kind
  changes[n + 2] = shown(state)
  changes[n + 3] = length_of(id)
  changes[n + 4] = id
  if payload then
    changes[n + 5] = length_of(payload)
    changes[n + 6] = payload
  end
end

-- Fields of the counts that are no sums.
local marks = {}

local gone = {}

-- When groups of failures were first seen, written once a call.
local first_seen = {}
local function write_causes()
  for cause, at in pairs(first_seen) do
    call('HSETNX', prefix .. 'causes', cause, at)
  end
  first_seen = {}
end

-- What the sets are read for must have been written.
local function write_jobs()
  write_ends()
  write_sets()
  write_causes()
  write_hashes()
  forget_ends(false)
end

-- Numbers of which hardly any has changed: they are told apart in one go, and only those that have are counted up.
local function add_to_minute(line)
  local numbers = { string.match(line, '^(%d+)' .. string.rep(' (%d+)', BEFORE_DURATIONS + #DURATIONS) .. '$') }
  if not numbers[1] then
    -- None yet, or another version's.
    numbers = {}
    for number in string.gmatch(line, '%S+') do
      numbers[#numbers + 1] = number
    end
  end
  for n = 1, #minute do
    if minute[n] ~= 0 then
      numbers[n] = text(tonumber(numbers[n] or 0) + minute[n])
    elseif not numbers[n] then
      numbers[n] = '0'
    end
  end
  return table.concat(numbers, ' ')
end

local function finish_call()
  local minute_field = text(math.floor(now / 60000))
  local minute_line = minute and add_to_minute(call('HGET', prefix .. 'minutes', minute_field) or '')
  write_jobs()
  call_sliced('UNLINK', prefix .. 'none', gone)
  for name, by in pairs(counts) do
    call('HINCRBY', prefix .. 'counts', name, by)
  end
  for name, value in pairs(marks) do
    call('HSET', prefix .. 'counts', name, value)
  end
  if minute then
    call('HSET', prefix .. 'minutes', minute_field, minute_line)
  end
  if #changes > 0 then
    call('PUBLISH', ARGV[2], now_text .. ';' .. table.concat(changes))
  end
end

-- What is handed out for publishing is claimed: its score is when the claim ends, and no whole number, so that no other debt has the same. One claim a call.
local CLAIMS_PER_MS = 1024
local claimed
local function claim()
  if not claimed then
    claimed = now + CLAIM - 0.5
    local last = tonumber(call('HGET', prefix .. 'counts', 'claim') or 0)
    if last >= claimed and last < claimed + 0.5 - 10 / CLAIMS_PER_MS then
      claimed = last + 1 / CLAIMS_PER_MS
    end
    marks['claim'] = text(claimed)
  end
  return claimed
end

-- A claim as callers know it: a whole number.
local function claim_text()
  return text(claim() * CLAIMS_PER_MS)
end

-- Whether a debt of this score is the one that was claimed; 0 stands for any.
local function is_claimed(score, number)
  return score and (number == '0' or tonumber(score) * CLAIMS_PER_MS == tonumber(number))
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
  elseif state == 'a' then
    put('active', id, false)
  elseif state == 'c' then
    put('completed', id, false)
  elseif state == 'd' then
    put('delayed', id, false)
  elseif state == 'f' then
    put('failed', id, false)
    put('deadletters', id, false)
    local cause = get(id, 'cause')[1]
    if cause then
      put('cause:' .. cause, id, false)
    end
  end
end

-- A failed job joins those of its type whose errors have the same fingerprint, which the error begins with.
local function join_cause(id, spec, error, at)
  local type_name = string.match(spec, '^%S+ %S+ %S+ %S+ %S+ %S+ %S+ ([%w%-]+)$')
  type_name = type_name and #type_name <= 64 and type_name or 'unknown'
  local cause = type_name .. ':' .. (string.match(error, '^{"cause":"(%x+)"') or 'other')
  if not first_seen[cause] then
    if call('HEXISTS', prefix .. 'causes', cause) == 0 and call('HLEN', prefix .. 'causes') >= MAX_CAUSES then
      cause = type_name .. ':other'
    end
    first_seen[cause] = first_seen[cause] or text(at)
  end
  put('cause:' .. cause, id, at)
  set(id, 'cause', cause)
end

-- Two more fields and their values.
local function with(fields, name, value, other, another)
  fields = fields or {}
  local n = #fields
  fields[n + 1], fields[n + 2], fields[n + 3], fields[n + 4] = name, value, other, another
  return fields
end

-- The moves between states. Each takes more fields of the job's hash to be written along with its own: a list that is the caller's no longer, or nil.

local function move_to_waiting(id, spec, old_state, needs_event, fields)
  leave(id, old_state, spec)
  set_all(id, with(fields, 'state', 'w', 'ready', now_text))
  put('waiting:' .. priority_of(spec), id, now)
  if needs_event then
    put('outbox', id, now)
  end
  changed('s', id, 'w')
end

local function move_to_delayed(id, spec, old_state, delay, fields)
  leave(id, old_state, spec)
  set_all(id, with(fields, 'state', 'd', 'due', text(now + delay)))
  put('delayed', id, now + delay)
  changed('s', id, 'd')
end

-- At: when it failed, which is not before it began or was added though the clock may have been set back since.
local function move_to_failed(id, spec, old_state, error, sum, at, duration, fields)
  count_minute(0, 1, duration)
  leave(id, old_state, spec)
  set_all(id, with(with(fields, 'state', 'f', 'error', error), 'finished', text(at)))
  put('failed', id, at)
  join_cause(id, spec, error, at)
  remember_end(id, 'f', sum)
  count('failed')
  -- Whoever recorded the failure publishes its dead letter at once; the claim keeps others from doing it too.
  put('deadletters', id, now + CLAIM)
  changed('s', id, 'f')
end

-- A retry by hand: all attempts are before the job again. Of the earlier ones only the newest stay on record.
local function move_from_failed_to_waiting(id, spec, token)
  count('retried')
  move_to_waiting(id, spec, 'f', true,
    { 'made', '0', 'error', '', 'progress', '', 'finished', '', 'cancel', '', 'snoozes', '', 'snooze', '', 'snoozed', '' })
  if tonumber(token or 0) > MAX_EARLIER_ATTEMPTS then
    local attempts = {}
    for _, name in ipairs(call('HKEYS', job_key(id))) do
      attempts[#attempts + 1] = tonumber(string.match(name, '^attempt:(%d+)$'))
    end
    table.sort(attempts)
    local old = {}
    for i = 1, #attempts - MAX_EARLIER_ATTEMPTS do
      old[i] = 'attempt:' .. text(attempts[i])
    end
    call_sliced('HDEL', job_key(id), old)
  end
end

local function forget(id, spec, state, keep_tombstone, sum, letter)
  leave(id, state, spec)
  hashes[id] = nil
  gone_ids[id] = true
  local length = #gone
  gone[length + 1] = job_key(id)
  gone[length + 2] = prefix .. 'logs:' .. id
  gone[length + 3] = prefix .. 'steps:' .. id
  put('all', id, false)
  if keep_tombstone then
    put('tombs', id, now + keep_tombstone)
    if state ~= 'c' then
      put('tombs-failed', id, now + keep_tombstone)
    end
    if state ~= 'c' and state ~= 'f' then
      remember_end(id, letter or 'r', sum)
    end
  end
  count('removed')
  changed('r', id, state)
end

-- A job without a record, as an eviction would leave it: it goes from all sets, rather than stop the queue at it for ever.
local function drop(id)
  for _, name in ipairs({ 'waiting:1', 'waiting:5', 'waiting:10', 'waiting:20', 'delayed', 'active', 'completed', 'failed', 'outbox',
    'deadletters', 'all' }) do
    put(name, id, false)
  end
  for _, cause in ipairs(call('HKEYS', prefix .. 'causes')) do
    put('cause:' .. cause, id, false)
  end
  count('removed')
end

local function leave_to_another(id)
  put('tombs', id, false)
  put('tombs-failed', id, false)
  ends[id] = false
  return false
end

-- Whether a tombstone of this score still stands. One whose time is over leaves the id to another job, which knows nothing of the earlier one.
local function stands(id, keep_until)
  if keep_until and tonumber(keep_until) <= now then
    return leave_to_another(id)
  end
  return keep_until
end

-- Whether it keeps the id from being added. That of a recalled job does not: it is there for events of the job that are still about.
local function keeps_out(id, keep_until)
  if stands(id, keep_until) and end_of(id) == 'w' then
    return leave_to_another(id)
  end
  return stands(id, keep_until)
end

local function has_tombstone(id)
  return stands(id, call('ZSCORE', prefix .. 'tombs', id))
end

local function scores(name, ids)
  local found = {}
  for from = 1, #ids, SLICE do
    local to = math.min(from + SLICE - 1, #ids)
    local answer = call('ZMSCORE', prefix .. name, unpack(ids, from, to))
    for i = 1, #answer do
      found[from + i - 1] = answer[i]
    end
  end
  return found
end

-- What became of a job that left a tombstone of this score: c completed, f failed, r removed before its end, w recalled; and the sum of its data, if that
-- is known.
-- An earlier version says less, and what it left is believed.
local function remains(id, keep_until, failed_until)
  local letter, sum = end_of(id)
  if failed_until ~= keep_until then
    return 'c', letter == 'c' and sum or ''
  end
  return (letter == 'r' or letter == 'w') and letter or 'f', letter ~= 'c' and sum or ''
end

-- Puts a job on record that has neither a record nor a tombstone.
local function add_job(id, spec, data, options, delay, error, sum)
  -- The terms stand before the spec.
  local terms
  if string.byte(spec) == TILDE then
    local line = string.find(spec, '\n', 1, true)
    terms, spec = string.sub(spec, 2, line - 1), string.sub(spec, line + 1)
  end
  new_ids[id] = true
  put('all', id, now)
  count('added')
  local fields = { 'spec', spec, 'data', data, 'created', now_text, 'sum', sum }
  if options ~= '' then
    fields[9], fields[10] = 'options', options
  end
  if terms then
    fields[#fields + 1], fields[#fields + 2] = 'terms', terms
  end
  if error ~= '' then
    move_to_failed(id, spec, nil, error, sum, now, nil, fields)
    return 'f'
  elseif tonumber(delay) > 0 then
    move_to_delayed(id, spec, nil, tonumber(delay), fields)
    return 'd'
  end
  move_to_waiting(id, spec, nil, is_paused(), fields)
  return shown('w')
end

-- The oldest ended jobs beyond the number to keep; failed ones not before their dead letter is out.
local function trim_to_count(keep_completed, keep_failed, keep_tombstone, limit)
  write_jobs()
  local removed = 0
  for name, keep in pairs({ completed = keep_completed, failed = keep_failed }) do
    local excess = call('ZCARD', prefix .. name) - keep
    if excess > 0 then
      local ids = call('ZRANGE', prefix .. name, 0, math.min(excess, limit) - 1)
      local owed = name == 'failed' and scores('deadletters', ids) or {}
      for i, id in ipairs(ids) do
        if not owed[i] then
          forget(id, nil, name == 'completed' and 'c' or 'f', keep_tombstone)
          removed = removed + 1
        end
      end
    end
  end
  return removed
end

-- Reading records. Stands between the prelude and those scripts.

-- Bytes of records that one answer holds, about: what goes beyond is its last.
local PAGE_BYTES = 4194304
local page_bytes = 0

local function is_page_full()
  return page_bytes > PAGE_BYTES
end

-- Id, fields and values, log lines. Data and results may be a megabyte each: who does not want them does not have them read.
local function record(id, with_data)
  local fields
  if with_data then
    fields = call('HGETALL', job_key(id))
  else
    fields = {}
    local names = {}
    for _, name in ipairs(call('HKEYS', job_key(id))) do
      if name ~= 'data' and name ~= 'result' then
        names[#names + 1] = name
      end
    end
    for from = 1, #names, SLICE do
      local to = math.min(from + SLICE - 1, #names)
      local values = call('HMGET', job_key(id), unpack(names, from, to))
      for i = from, to do
        fields[#fields + 1] = names[i]
        fields[#fields + 1] = values[i - from + 1]
      end
    end
  end
  local lines = call('LRANGE', prefix .. 'logs:' .. id, 0, -1)
  for _, value in ipairs(fields) do
    page_bytes = page_bytes + #value
  end
  for _, line in ipairs(lines) do
    page_bytes = page_bytes + #line
  end
  return { id, fields, lines }
end

-- Redis orders ids by their bytes; < would go by the server's language.
local function less(left, right)
  local length = math.min(#left, #right)
  for i = 1, length do
    local a, b = string.byte(left, i), string.byte(right, i)
    if a ~= b then
      return a < b
    end
  end
  return #left < #right
end

-- The rank from the highest of the first entry of a set after a job, which may have gone: by halving among those of its score. Without a score, the first.
local function first_rank(key, score, id)
  if score == '' then
    return 0
  end
  local low = call('ZCOUNT', key, '(' .. score, '+inf')
  local high = low + call('ZCOUNT', key, score, score)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if less(call('ZREVRANGE', key, middle, middle)[1], id) then
      high = middle
    else
      low = middle + 1
    end
  end
  return low
end

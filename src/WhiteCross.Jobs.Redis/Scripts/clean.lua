-- A slice of the ended jobs that ended before a time goes.
-- ARGV    [3] limit, [4] completed jobs' age, [5] failed jobs' age, [6] whether failed jobs that owe a dead letter stay (0 or 1), [7] time to keep tombstones
-- answer  how many were removed
local limit = tonumber(ARGV[3])
local removed = 0
for name, age in pairs({ completed = ARGV[4], failed = ARGV[5] }) do
  local before = text(now - tonumber(age))
  local offset = 0
  while removed < limit do
    local ids = call('ZRANGEBYSCORE', prefix .. name, '-inf', '(' .. before, 'LIMIT', offset, limit - removed)
    if #ids == 0 then
      break
    end
    local owed = name == 'failed' and ARGV[6] == '1' and scores('deadletters', ids) or {}
    for i, id in ipairs(ids) do
      if not owed[i] then
        forget(id, nil, name == 'completed' and 'c' or 'f', tonumber(ARGV[7]))
        removed = removed + 1
      end
    end
    offset = offset + #ids
  end
end

finish_call()
return removed

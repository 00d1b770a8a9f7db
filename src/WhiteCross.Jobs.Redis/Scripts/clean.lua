-- A slice of the ended jobs that ended before a time goes. ARGV[3..7] limit, completed jobs' time, failed jobs' time, whether failed jobs that
-- owe a dead letter stay (0 or 1), time to keep tombstones. ARGV[4] and ARGV[5] are ages. Answers how many were removed.
local limit = tonumber(ARGV[3])
local removed = 0
for set, age in pairs({ completed = ARGV[4], failed = ARGV[5] }) do
  local before = text(now - tonumber(age))
  local offset = 0
  while removed < limit do
    local ids = call('ZRANGEBYSCORE', prefix .. set, '-inf', '(' .. before, 'LIMIT', offset, limit - removed)
    if #ids == 0 then
      break
    end
    local owed = set == 'failed' and ARGV[6] == '1' and scores('deadletters', ids) or {}
    for i, id in ipairs(ids) do
      if not owed[i] then
        forget(id, nil, set == 'completed' and 'c' or 'f', tonumber(ARGV[7]))
        removed = removed + 1
      end
    end
    offset = offset + #ids
  end
end

finish_call()
return removed

-- A worker says that it is alive.
-- ARGV    [3] its id, [4] its JSON, [5] milliseconds after which all are forgotten when none speaks
local key = prefix .. 'workers'
call('HSET', key, ARGV[3], now_text .. ' ' .. ARGV[4])
call('PEXPIRE', key, ARGV[5])

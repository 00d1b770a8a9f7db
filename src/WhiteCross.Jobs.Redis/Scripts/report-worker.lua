-- ARGV[3] a worker's id, ARGV[4] its JSON, ARGV[5] milliseconds after which all are forgotten when none speaks.
local key = prefix .. 'workers'
call('HSET', key, ARGV[3], now_text .. ' ' .. ARGV[4])
call('PEXPIRE', key, ARGV[5])

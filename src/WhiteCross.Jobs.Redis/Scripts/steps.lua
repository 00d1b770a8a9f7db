-- ARGV[3] id. Answers the names and results of its finished steps.
return call('HGETALL', prefix .. 'steps:' .. ARGV[3])

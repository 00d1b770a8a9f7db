-- A job's finished steps.
-- ARGV    [3] id
-- answer  their names and results
return call('HGETALL', prefix .. 'steps:' .. ARGV[3])

-- A job's record.
-- ARGV    [3] id
-- answer  whether the queue is paused; the record, see record.lua
return { is_paused() and 1 or 0, record(ARGV[3], true) }

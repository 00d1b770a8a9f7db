-- ARGV[3] id. Answers whether the queue is paused, then the record: id, fields and values, log lines.
return { is_paused() and 1 or 0, record(ARGV[3]) }

-- Pauses or resumes the queue.
-- ARGV    [3] 1 to pause, 0 to resume
-- answer  1 when that changed anything
if ARGV[3] == '1' then
  return call('SETNX', prefix .. 'paused', now_text)
end
return call('DEL', prefix .. 'paused')

-- Puts a note on a group of failures in the place of the one that was read.
-- ARGV    [3] group, [4] the note that must be there (empty: none), [5] the next one (empty: none)
-- answer  1 when it was put
local key = prefix .. 'notes'
if (call('HGET', key, ARGV[3]) or '') ~= ARGV[4] then
  return 0
end
if ARGV[5] == '' then
  call('HDEL', key, ARGV[3])
else
  call('HSET', key, ARGV[3], ARGV[5])
end
return 1

-- Fails a waiting job that nobody could receive, or puts it on record as failed.
-- ARGV    of the job: id, spec, data, options, delay, error, sum
-- answer  1 when it has failed by this call
local id = ARGV[3]
local job = get(id, 'state', 'spec', 'sum', 'created')
local failed = 0
if not job[1] then
  if not has_tombstone(id) then
    add_job(id, ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9])
    failed = 1
  end
elseif job[1] == 'w' then
  move_to_failed(id, job[2], 'w', ARGV[8], job[3], math.max(now, tonumber(job[4])))
  failed = 1
end

finish_call()
return failed

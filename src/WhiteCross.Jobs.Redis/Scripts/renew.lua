-- Renews leases.
-- ARGV    [3] lease; then for each run: id, token
-- answer  a letter for each: h held, c held and to be cancelled, l lost
local lease = tonumber(ARGV[3])
local answer = {}
for i = 4, #ARGV, 2 do
  local job = held(ARGV[i], ARGV[i + 1])
  if job then
    put('active', ARGV[i], now + lease)
    answer[#answer + 1] = lease_state(job)
  else
    answer[#answer + 1] = 'l'
  end
end

finish_call()
return table.concat(answer)

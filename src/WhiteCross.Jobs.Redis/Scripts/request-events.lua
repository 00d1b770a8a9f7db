-- ARGV: the ids of the waiting jobs that need an event.
for i = 3, #ARGV do
  if call('HGET', job_key(ARGV[i]), 'state') == 'w' then
    put('outbox', ARGV[i], now)
  end
end

finish_call()

-- Removes an entry of a hash.
-- KEYS    [1] the hash
-- ARGV    [1] the field
-- answer  1 when it was there, else 0
return redis.call('HDEL', KEYS[1], ARGV[1])

-- Puts on record that something is about to be changed.
-- KEYS    [1] the hash
-- ARGV    [1] the entry's id, [2] the entry

-- The first write is one that a full Redis takes; then it takes the rest too. Whoever makes room there must be able to.
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])

-- Releases a lock if it is still its caller's: the article's own script.
-- KEYS[1]  the lock
-- ARGV[1]  the token that it was acquired with
-- Returns 1 if it was released, 0 if it was somebody else's or gone.
if redis.call('get', KEYS[1]) == ARGV[1] then
  return redis.call('del', KEYS[1])
else
  return 0
end

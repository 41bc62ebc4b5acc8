-- Acquires a lock together with a fencing token: a number that grows with each acquisition.
-- KEYS[1]  the lock
-- KEYS[2]  the counter that fencing tokens come from
-- ARGV[1]  the token of the owner
-- ARGV[2]  the lease, in milliseconds
-- Returns the fencing token, or false if the lock is taken.
if redis.call('set', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
  return redis.call('incr', KEYS[2])
end
return false

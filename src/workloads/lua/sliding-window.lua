-- A sliding-window limiter that decides and counts in one step, by the server's own clock. Only admitted requests count.
-- KEYS[1]  the client's window: a sorted set of admitted requests by their time in microseconds
-- ARGV[1]  requests allowed within any window
-- ARGV[2]  the window, in milliseconds
-- ARGV[3]  a name for this request that no other has
-- Returns 1 if it is admitted, 0 if not.
if redis.replicate_commands then redis.replicate_commands() end
local time = redis.call('time')
local now = time[1] * 1000000 + time[2]
redis.call('zremrangebyscore', KEYS[1], 0, now - ARGV[2] * 1000)
if redis.call('zcard', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('zadd', KEYS[1], now, ARGV[3])
redis.call('pexpire', KEYS[1], ARGV[2])
return 1

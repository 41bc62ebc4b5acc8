-- A token bucket: it holds as many tokens as the limit and fills at the limit per window; a request takes one.
-- KEYS[1]  the client's bucket: a hash of its tokens and the time, in microseconds, that they were counted at
-- ARGV[1]  size of the bucket
-- ARGV[2]  time that it takes to fill from empty, in milliseconds
-- Returns 1 if the request is admitted, 0 if not.
if redis.replicate_commands then redis.replicate_commands() end
local size, fill = tonumber(ARGV[1]), ARGV[2] * 1000
local time = redis.call('time')
local now = time[1] * 1000000 + time[2]
local bucket = redis.call('hmget', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(bucket[1] or size), tonumber(bucket[2] or now)
tokens = math.min(size, tokens + (now - at) * size / fill)
local admitted = 0
if tokens >= 1 then
  tokens, admitted = tokens - 1, 1
end
-- Written out, since a number with many digits is shortened when it becomes an argument.
redis.call('hset', KEYS[1], 'tokens', string.format('%.9f', tokens), 'at', string.format('%.0f', now))
redis.call('pexpire', KEYS[1], ARGV[2])
return admitted

-- Replaces a value if it is still the one that was read.
-- KEYS[1]  the key
-- ARGV[1]  the value that was read
-- ARGV[2]  the value to write
-- Returns 1 if it was written, 0 if the value had changed meanwhile.
if redis.call('get', KEYS[1]) == ARGV[1] then
  redis.call('set', KEYS[1], ARGV[2])
  return 1
end
return 0

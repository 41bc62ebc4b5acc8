-- Gives all keys the same value at once.
-- KEYS     the keys
-- ARGV[1]  the value
-- Returns the number of keys.
for _, key in ipairs(KEYS) do
  redis.call('set', key, ARGV[1])
end
return #KEYS

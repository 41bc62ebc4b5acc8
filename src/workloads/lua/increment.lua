-- Reads a number, adds one and writes it back, all on the server.
-- KEYS[1]  the key
-- Returns the new number.
local value = tonumber(redis.call('get', KEYS[1]) or '0') + 1
redis.call('set', KEYS[1], value)
return value

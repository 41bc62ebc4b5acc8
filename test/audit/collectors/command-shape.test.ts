import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { shapeOf } from '#redline/audit/collectors/command-shape.js'
import { Redactor } from '#redline/audit/inventory/redact.js'
import { hashedNames, PLAIN_NAMES } from '#redline/audit/collectors/naming.js'

const bytes = (...args: string[]) => args.map((arg) => Buffer.from(arg))
const shape = (line: string) => shapeOf(bytes(...line.split(' ')), PLAIN_NAMES).shape
const keys = (line: string) => shapeOf(bytes(...line.split(' ')), PLAIN_NAMES).keys

test.each([
  ['get user:42', 'GET user:<int>', ['user:42']],
  ['SET session:3f2b8a90-1c2d-4e5f-8a9b-0c1d2e3f4a5b secret EX 10', 'SET session:<uuid>', ['session:3f2b8a90-1c2d-4e5f-8a9b-0c1d2e3f4a5b']],
  ['LRANGE queue:7 0 -1', 'LRANGE queue:<int> 0 -1', ['queue:7']],
  ['LRANGE queue:7 100 199', 'LRANGE queue:<int> <int> <int>', ['queue:7']],
  ['MGET a:1 a:2 a:3', 'MGET a:<int>', ['a:1', 'a:2', 'a:3']],
  ['MSET a:1 secret b:2 secret', 'MSET a:<int> b:<int>', ['a:1', 'b:2']],
  ['BLPOP high low 0', 'BLPOP high low', ['high', 'low']],
  ['BITOP AND to a b', 'BITOP to a b', ['to', 'a', 'b']],
  ['ZUNIONSTORE to 2 a b WEIGHTS 1 2', 'ZUNIONSTORE to a b', ['to', 'a', 'b']],
  ['ZINTER 2 a b WITHSCORES', 'ZINTER a b', ['a', 'b']],
  ['BLMPOP 0 2 a b LEFT', 'BLMPOP a b', ['a', 'b']],
  ['XREADGROUP GROUP g c COUNT 10 STREAMS s1 s2 > >', 'XREADGROUP s1 s2', ['s1', 's2']],
  ['XREAD BLOCK 0', 'XREAD', []],
  ['MEMORY USAGE user:1', 'MEMORY USAGE user:<int>', ['user:1']],
  ['OBJECT ENCODING user:1', 'OBJECT ENCODING user:<int>', ['user:1']],
  ['CONFIG GET *', 'CONFIG GET', []],
  ['KEYS user:*', 'KEYS user:*', []],
  ['AUTH app secret', 'AUTH', []],
  ['HELLO 3 AUTH app secret', 'HELLO', []],
  ['NOSUCH secret', 'NOSUCH', []],
  [
    'EVALSHA 6B1BF486C81CEB7EDF3C093F4C48582E38C0E791 1 user:1 secret',
    'EVALSHA 6b1bf486c81ceb7edf3c093f4c48582e38c0e791 user:<int>',
    ['user:1'],
  ],
  ['FCALL my_function 1 user:1 secret', 'FCALL my_function user:<int>', ['user:1']],
  ['EVAL return 0', 'EVAL return', []],
  ['EVAL return nonsense user:1', 'EVAL return', []],
  ['SORT list:1 BY weight_* GET secret', 'SORT list:<int>', ['list:1']],
])('%s has the shape %s', (line, expectedShape, expectedKeys) => {
  expect(shape(line)).toBe(expectedShape)
  expect(keys(line)).toEqual(expectedKeys)
})

test('a script is told by the beginning of its text, on one line', () => {
  const script = 'local v = redis.call("GET", KEYS[1])\n\n  return v and v or "default" -- and much more'
  expect(shapeOf(bytes('EVAL', script, '1', 'user:1'), PLAIN_NAMES).shape).toBe('EVAL "local v = redis.call("GET", KEYS[1])..." user:<int>')
})

test('a key that the server cut off belongs to the shape, not to the keys', () => {
  const cut = `user:${'x'.repeat(123)}... (72 more bytes)`
  const { shape, keys } = shapeOf(bytes('MGET', 'user:1', cut, '... (68 more arguments)'), PLAIN_NAMES)
  expect(keys).toEqual(['user:1'])
  expect(shape).not.toContain('more bytes')
  expect(shape).toMatch(/^MGET user:<int> user:x+/)
})

test('a command with many patterns has one shape all the same', () => {
  expect(shape('DEL aa bb cc dd ee')).toBe('DEL aa bb cc ...')
})

test('names are masked where they vary, and only there', () => {
  const masked = (text: string) => PLAIN_NAMES.pattern(Buffer.from(text))
  expect(masked('user:42:profile')).toBe('user:<int>:profile')
  expect(masked('v2:user_7')).toBe('v2:user_<int>')
  expect(masked('{tag}:00ff00ff00ff')).toBe('{tag}:<hex>')
  expect(masked('login:jane.doe@example.org')).toBe('login:<email>')
  expect(masked('ban:10.0.0.7')).toBe('ban:<ip>')
  expect(masked('stats:2026-11-23:hits')).toBe('stats:<date>:hits')
})

test('names, words of patterns and scripts are hashed where the user asked for it', () => {
  const naming = hashedNames(new Redactor('salt'))
  const { shape, keys, shownKeys } = shapeOf(bytes('EVAL', 'return "jane"', '1', 'user:jane:42', 'jane'), naming)
  expect(shape).toMatch(/^EVAL #[0-9a-f]{12} #[0-9a-f]{12}:#[0-9a-f]{12}:<int>$/)
  // By which a rule finds the key among the big ones, whose facts are hashed.
  expect(keys).toEqual(['user:jane:42'])
  expect(shownKeys).toEqual([expect.stringMatching(/^#[0-9a-f]{12}:#[0-9a-f]{12}:<int>#[0-9a-f]{12}$/)])
  expect(shapeOf(bytes('GET', 'user:jane:42'), PLAIN_NAMES).shownKeys).toEqual(['user:jane:42'])
  expect(naming.key(Buffer.from('user:jane:42'), 'user:<*>:<int>')).toMatch(/^user:<\*>:<int>#[0-9a-f]{12}$/)
})

test('whatever a log holds, it becomes text that is safe to print, and no value shows', () => {
  const printable = /^[^\p{Cc}\p{Cf}\p{Cs}]*$/u
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 32 }), (args) => {
      const { command, shape, keys, shownKeys } = shapeOf(args, PLAIN_NAMES)
      for (const text of [command, shape, ...keys, ...shownKeys]) expect(text).toMatch(printable)
    }),
  )
  fc.assert(
    fc.property(fc.constantFrom('SET', 'LPUSH', 'SADD', 'HSET', 'PUBLISH', 'AUTH', 'CONFIG', 'MSET'), (name) => {
      expect(shapeOf(bytes(name, 'key', 'swordfish'), PLAIN_NAMES).shape).not.toContain('swordfish')
    }),
  )
})

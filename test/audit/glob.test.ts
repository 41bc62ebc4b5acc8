import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Glob, globMatcher } from '#redline/audit/glob.js'
import { asArray, asText } from '#redline/wire/client.js'
import { connect } from '../redis/connect.js'
import { availableEngines, startServer } from '../support/servers.js'

const LETTERS = ['a', 'b', 'c', 'B', ':', '-', '^', ']', '[', '*', '?', '\\']
const NAMES = LETTERS.flatMap((first) => [first, ...LETTERS.flatMap((second) => [first + second, `${second}a${first}b`])])
const PATTERN = fc
  .array(fc.constantFrom(...LETTERS, '*', '*', '?', '[ab]', '[^a]', '[a-c]', '[c-a]', '[', '[^', String.raw`\*`, String.raw`[\]a]`), {
    maxLength: 7,
  })
  .map((parts) => parts.join(''))

describe.each(availableEngines())('%s', (engine) => {
  test('a glob matches what KEYS finds', async () => {
    const server = await startServer({ engine })
    const client = await connect(server.url)
    try {
      await client.callAll(NAMES.map((name) => ['SET', name, '']))
      const patterns = fc.sample(PATTERN, { numRuns: 300, seed: 5 })
      const replies = await client.callAll(patterns.map((pattern) => ['KEYS', pattern]))
      for (const [i, pattern] of patterns.entries()) {
        const glob = new Glob(pattern)
        const ours = [...new Set(NAMES)].filter((name) => glob.matches(Buffer.from(name)))
        expect(ours.toSorted(compare), pattern).toEqual(
          asArray(replies[i] ?? [])
            .map(asText)
            .toSorted(compare),
        )
      }
    } finally {
      client.close()
      await server.stop()
    }
  })
})

const compare = (a: string, b: string) => (a < b ? -1 : 1)

test('globs are of bytes, not of characters', () => {
  expect(new Glob('k??se').matches(Buffer.from('käse'))).toBe(true)
  expect(new Glob('käse').matches(Buffer.from('käse'))).toBe(true)
  expect(new Glob('k?se').matches(Uint8Array.of(0x6b, 0xff, 0x73, 0x65))).toBe(true)
})

test('many stars take no time to fail', () => {
  expect(new Glob('a*'.repeat(30) + 'b').matches(Buffer.from('a'.repeat(20_000)))).toBe(false)
})

test.each([
  ['session:*', 'session:user:<int>', true],
  ['session:*', 'xsession:', false],
  ['*:<int>', 'user:<int>', true],
  ['user:?', 'user:1', true],
  ['user:?', 'user:', false],
  ['user:?', 'user:12', false],
  ['k?se', 'käse', false],
  ['k??se', 'käse', true],
  // A bracket that is not closed, and other oddities, as stringmatchlen takes them.
  ['a[bc', 'ab', true],
  ['a[bc', 'a[bc', true],
  ['a[^', 'ab', true],
  ['a[]b', 'ab', false],
  ['[a-', 'a', true],
  ['[a-]', 'a', true],
  ['[a-]', '_', true],
  ['a\\', 'a\\', true],
  ['h[ae]llo', 'hallo', true],
  ['h[^ae]llo', 'hallo', false],
  ['h[a-c]llo', 'hbllo', true],
  ['h[c-a]llo', 'hbllo', true],
  ['h[a-c]llo', 'hdllo', false],
  [String.raw`h\*llo`, 'h*llo', true],
  [String.raw`h\*llo`, 'hello', false],
  [String.raw`[\]]`, ']', true],
  ['*', '', true],
  ['', '', true],
  ['', 'a', false],
  ['a*b*c', 'a1b2c3c', true],
  ['a*b*c', 'a1c2b3', false],
  ['**', 'anything', true],
  ['Session:*', 'session:1', false],
  ['a.c', 'abc', false],
  ['a\nb*', 'a\nb:c', true],
])('the glob %j and the text %j: %s', (glob, text, matches) => {
  expect(globMatcher(glob)(text)).toBe(matches)
})

test('a pattern copied from a report names itself, whatever it is made of', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
      expect(globMatcher(text)(text)).toBe(true)
    }),
  )
})

test('what has no special character matches as text, and a star before and after finds it anywhere', () => {
  const plain = fc.string({ unit: fc.constantFrom('a', 'b', ':', '<', '\u{1f600}'), maxLength: 6 })
  fc.assert(
    fc.property(plain, plain, (glob, text) => {
      expect(globMatcher(glob)(text)).toBe(glob === text)
      expect(globMatcher(`*${glob}*`)(text)).toBe(text.includes(glob))
    }),
  )
})

test('a glob that would take other matchers an age takes none', () => {
  expect(globMatcher(`${'*a'.repeat(200)}*b`)('a'.repeat(20_000))).toBe(false)
})

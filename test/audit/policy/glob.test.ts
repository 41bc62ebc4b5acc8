import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { globMatcher } from '#redline/audit/policy/glob.js'

test.each([
  ['session:*', 'session:user:<int>', true],
  ['session:*', 'xsession:', false],
  ['*:<int>', 'user:<int>', true],
  ['user:?', 'user:1', true],
  ['user:?', 'user:', false],
  ['user:?', 'user:12', false],
  ['?', '\u{1f600}', true],
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

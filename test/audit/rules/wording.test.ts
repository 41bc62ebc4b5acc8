import { expect, test } from 'vitest'
import { ago, countedSince, listed, times } from '#redline/audit/rules/wording.js'

test('how often', () => {
  expect([0, 1, 2, 96_234].map(times)).toEqual(['0 times', 'once', '2 times', '96.2k times'])
})

test('how long ago, in units of time that people use', () => {
  expect([0, 0.4, 59.6, 300, 273_600].map(ago)).toEqual(['just now', 'just now', '1m ago', '5m ago', '3d 4h ago'])
  expect(ago(-3)).toBe('just now')
})

test('from when counters count', () => {
  expect(countedSince({ basis: 'server start', seconds: 259_200 })).toBe('since the server started 3d ago')
  expect(countedSince({ basis: 'previous audit', seconds: 86_400 })).toBe('since the audit 24h ago')
})

test('lists name three things, or four rather than one more', () => {
  const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
  expect([0, 1, 2, 3, 4, 5, 7].map((count) => listed(letters.slice(0, count)))).toEqual([
    '',
    'a',
    'a and b',
    'a, b and c',
    'a, b, c and d',
    'a, b, c and 2 more',
    'a, b, c and 4 more',
  ])
})

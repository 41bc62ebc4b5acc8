import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { didYouMean, nearest, quote, safeText } from '#redline/core/text.js'

test('plain text stays, whatever its language', () => {
  for (const text of ['user:42', 'käse', '键', '👩‍🚀'.replace('\u200d', ''), '']) expect(safeText(text)).toBe(text)
})

test('whatever could act on a terminal or hide is escaped', () => {
  expect(safeText('a\nb\tc\rd\\e')).toBe(String.raw`a\nb\tc\rd\\e`)
  expect(safeText('\x1b[2J\0\x7f\u009b')).toBe(String.raw`\x1b[2J\x00\x7f\x9b`)
  expect(safeText('pay\u202egnp.exe\u200b\u2028\ufeff')).toBe(String.raw`pay\u202egnp.exe\u200b\u2028\ufeff`)
  expect(safeText('lone \ud800')).toBe(String.raw`lone \ud800`)
})

test('bytes are text when they are UTF-8, and escaped byte by byte when they are not', () => {
  expect(safeText(Buffer.from('käse\n'))).toBe(String.raw`käse\n`)
  expect(safeText(Uint8Array.of(0x61, 0xff, 0x0a, 0x5c))).toBe(String.raw`a\xff\x0a\x5c`)
})

test('no text, however hostile, keeps a character that acts', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array()), (value) => {
      expect(safeText(value)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
    }),
  )
})

test('different texts never look the same', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      expect(safeText(a) === safeText(b)).toBe(a === b)
    }),
  )
})

test('a quotation is escaped and short', () => {
  expect(quote('a\n')).toBe(String.raw`"a\n"`)
  expect(quote('x'.repeat(61))).toBe(`"${'x'.repeat(57)}..."`)
})

test('the nearest name is found through slips of the finger', () => {
  const fields = ['executor', 'driver', 'connections', 'pipeline', 'rate']
  expect(['executer', 'conections', 'pipelien', 'Rate', 'drvier'].map((name) => nearest(name, fields))).toEqual([
    'executor',
    'connections',
    'pipeline',
    'rate',
    'driver',
  ])
})

test('what is no slip has no nearest name', () => {
  expect(nearest('user', ['seq', 'int', 'key'])).toBeUndefined()
  expect(nearest('timeout', ['executor', 'rate'])).toBeUndefined()
  expect(nearest('5', ['2', '3'])).toBeUndefined()
  expect(nearest('', ['i'])).toBeUndefined()
  expect(nearest('x', [])).toBeUndefined()
})

test('the nearer of two names wins, an exact one before all', () => {
  expect(nearest('rates', ['rats', 'rate'])).toBe('rats')
  expect(nearest('p99', ['p999', 'p90', 'p99'])).toBe('p99')
})

test('the hint is part of a sentence or nothing', () => {
  expect(didYouMean('executer', ['executor'])).toBe('; did you mean executor?')
  expect(didYouMean('zzz', ['executor'])).toBe('')
})

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { InputError } from '#redline/core/errors.js'
import { formatBytes, formatCount, formatDuration, formatNumber, parseBytes, parseDuration, trim } from '#redline/core/units.js'

test('durations in every unit', () => {
  const read = ['250us', '500ms', '10s', '2m', '1h', '7d', '1.5s', ' 3s ', '0s'].map(parseDuration)
  expect(read).toEqual([0.25, 500, 10_000, 120_000, 3_600_000, 604_800_000, 1500, 3000, 0])
})

test.each(['', '10', '10 sec', '-1s', '1e3s', 's', '1s2', 'ten s', '٣s', '1,5s'])('%j is not a duration', (text) => {
  expect(() => parseDuration(text)).toThrow(InputError)
  expect(() => parseDuration(text)).toThrow('is not a duration; write 10s, 500ms or 2m')
})

test('sizes count 1024 to the kilobyte, as redis.conf does', () => {
  const read = ['64', '64b', '100KB', '1.5mb', '2GB', '0'].map(parseBytes)
  expect(read).toEqual([64, 64, 102_400, 1_572_864, 2_147_483_648, 0])
})

test.each(['', '64 bytes', '-1', '1TB', 'KB', '1k'])('%j is not a size', (text) => {
  expect(() => parseBytes(text)).toThrow('is not a size; write 64, 100KB or 5MB')
})

test('a hostile text is escaped and cut in the message', () => {
  expect(() => parseDuration('\x1b[31m')).toThrow(String.raw`"\x1b[31m" is not a duration`)
  expect(() => parseBytes('9'.repeat(1000) + 'x')).toThrow(`"${'9'.repeat(57)}..." is not a size`)
})

test('formatted durations', () => {
  const shown = [0.25, 90, 999.6, 1500, 59_999, 90_000, 119_600, 120_000, 3_599_999, 3_900_000, 90_061_000, 172_800_000, 273_600_000].map(
    formatDuration,
  )
  expect(shown).toEqual(['0.25ms', '90ms', '1s', '1.5s', '1m', '1m 30s', '2m', '2m', '1h', '1h 5m', '25h 1m', '2d', '3d 4h'])
})

test('formatted counts keep three digits', () => {
  expect([0, 7, 870, 999.4, 999.6, 96_234, 999_600, 1_050_000, 2.5e9, -1234].map(formatCount)).toEqual([
    '0',
    '7',
    '870',
    '999',
    '1k',
    '96.2k',
    '1M',
    '1.05M',
    '2.5G',
    '-1.23k',
  ])
})

test('formatted bytes', () => {
  expect([0, 142, 1024, 38_900, 1024 ** 2, 1.2 * 1024 ** 3, -2048].map(formatBytes)).toEqual([
    '0 B',
    '142 B',
    '1 KB',
    '38 KB',
    '1 MB',
    '1.2 GB',
    '-2 KB',
  ])
})

test('trimming rounds to the digits asked for, without exponents and without touching the integer part', () => {
  expect([1234.5, 12.34, 1.234, 0.001234, 100, 0, -0.5].map((value) => trim(value, 3))).toEqual([
    '1235',
    '12.3',
    '1.23',
    '0.00123',
    '100',
    '0',
    '-0.5',
  ])
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 1e12, noNaN: true }), (value) => {
      const shown = trim(value, 3)
      expect(shown).not.toMatch(/e|\.$|\.\d*0$/)
      expect(Math.abs(Number(shown) - value)).toBeLessThanOrEqual(Math.max(0.5, value * 0.006))
    }),
  )
})

test('a formatted duration never overflows its smaller unit', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (ms) => {
      expect(formatDuration(ms)).not.toMatch(/\b(60[sm]|1000ms)$/)
    }),
  )
})

test('what is formatted in a unit is read back within its rounding', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 59_949 }), (ms) => {
      expect(Math.abs(parseDuration(formatDuration(ms)) - ms)).toBeLessThanOrEqual(ms * 0.006)
    }),
  )
})

test('a number of things has all its digits while there are few of them', () => {
  expect([0, 7, 999, 1000, 4210, 9999, 9999.4, 10_000, 39_990, 1_234_567, -1950, 0.5].map(formatNumber)).toEqual([
    '0',
    '7',
    '999',
    '1,000',
    '4,210',
    '9,999',
    '9,999',
    '10k',
    '40k',
    '1.23M',
    '-1,950',
    '0.5',
  ])
})

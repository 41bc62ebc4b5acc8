import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitWords, UnbalancedQuotes } from '#redline/audit/files/words.js'

const texts = (line: string) => splitWords(line).map(({ text }) => text)

test.each([
  ['a  b\tc ', ['a', 'b', 'c']],
  ['', []],
  ['   ', []],
  ['save ""', ['save', '']],
  [String.raw`x "a b\n\x41\"\\" 'it\'s \n'`, ['x', 'a b\nA"\\', String.raw`it's \n`]],
  [String.raw`x "\xzz\q"`, ['x', 'xzzq']],
  ['pre"fix and more"', ['prefix and more']],
])('%j is split as the server splits it', (line, words) => {
  expect(texts(line)).toEqual(words)
})

test('words know where they begin', () => {
  expect(splitWords('  user "a b" c')).toEqual([
    { text: 'user', column: 3 },
    { text: 'a b', column: 8 },
    { text: 'c', column: 14 },
  ])
})

test.each([
  ['requirepass "abc', 13],
  ["x 'abc\\'", 3],
  ['"abc"d', 1],
  ['x "', 3],
])('%j has quotes that do not balance, from column %i on', (line, column) => {
  expect(() => splitWords(line)).toThrow(expect.objectContaining({ column }))
})

test('any words come back from the quotes that they are put in', () => {
  const quote = (text: string) => `"${text.replaceAll(/[\\"]/g, String.raw`\$&`).replaceAll('\n', String.raw`\n`)}"`
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), (words) => {
      expect(texts(words.map(quote).join(' '))).toEqual(words)
    }),
  )
})

test('any line is split, or its quotes do not balance', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('"', "'", '\\', 'x', '4', 'a', ' ') }), (line) => {
      try {
        for (const { column } of splitWords(line)) expect(column).toBeLessThanOrEqual(line.length)
      } catch (error) {
        // oxlint-disable-next-line vitest/no-conditional-expect -- one of the two happens
        expect(error).toBeInstanceOf(UnbalancedQuotes)
      }
    }),
  )
})

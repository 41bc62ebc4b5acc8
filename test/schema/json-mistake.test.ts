import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonMistakeAt } from '#redline/schema/json-mistake.js'

const compactOrPretty = fc
  .tuple(fc.jsonValue(), fc.constantFrom(undefined, 2))
  .map(([value, indent]) => JSON.stringify(value, null, indent))
const PIECES = Array.from('{}[],:"\\-.eE+0179tfnul \t\n\u0000\u00e9\u{1f600}')
/** JSON with a piece of it replaced: often still JSON, mostly not. */
const damaged = fc.tuple(compactOrPretty, fc.nat(), fc.nat({ max: 3 }), fc.constantFrom('', ...PIECES)).map(([text, at, removed, put]) => {
  const from = at % (text.length + 1)
  return text.slice(0, from) + put + text.slice(from + removed)
})

test('what JSON.parse takes has no mistake, and what it refuses has one', () => {
  fc.assert(
    fc.property(damaged, (text) => {
      expect(jsonMistakeAt(text) === undefined).toBe(isJson(text))
    }),
    { numRuns: 5000, seed: 1 },
  )
})

test('the mistake is where JSON.parse says, as far as it says so', () => {
  let told = 0
  fc.assert(
    fc.property(damaged, (text) => {
      const position = /at position (\d+)/.exec(messageOfParse(text))?.[1]
      if (position === undefined) return
      told++
      expect(jsonMistakeAt(text)).toBe(Number(position))
    }),
    { numRuns: 5000, seed: 2 },
  )
  expect(told).toBeGreaterThan(500)
})

test('a document that is cut off anywhere is wrong at its end', () => {
  const document = JSON.stringify({ a: [1.5e-7, -0, true, false, null, { b: 'x\\"\u0000\u{1f600}' }], c: {}, d: [] }, null, 1)
  for (let length = 0; length < document.length; length++) expect(jsonMistakeAt(document.slice(0, length))).toBe(length)
  expect(jsonMistakeAt(document)).toBeUndefined()
})

test.each([
  ['[01]', 2],
  ['[1,]', 3],
  ['{"a":1,}', 7],
  ['{"a" 1}', 5],
  ['{a: 1}', 1],
  ['[1] x', 4],
  ['[trux]', 4],
  ['["a\nb"]', 3],
  [String.raw`["\x"]`, 3],
  [String.raw`["\u12g4"]`, 6],
  ['[-]', 2],
  ['[1.]', 3],
  ['[1e+]', 4],
  ['[NaN]', 1],
  ['[1}', 2],
  ['\ufeff[]', 0],
])('%j is wrong at %i', (text, offset) => {
  expect(jsonMistakeAt(text)).toBe(offset)
})

test('nesting and strings of any size need no stack', () => {
  const depth = 1_000_000
  expect(jsonMistakeAt('['.repeat(depth))).toBe(depth)
  expect(jsonMistakeAt('{"a":'.repeat(depth))).toBe(5 * depth)
  expect(jsonMistakeAt(`${'['.repeat(depth)}${']'.repeat(depth)}`)).toBeUndefined()
  expect(jsonMistakeAt(`"${'x'.repeat(20_000_000)}`)).toBe(20_000_001)
  expect(jsonMistakeAt(`"${String.raw`\n`.repeat(depth)}"`)).toBeUndefined()
})

function isJson(text: string): boolean {
  return messageOfParse(text) === ''
}

/** What JSON.parse has against a text, or nothing. */
function messageOfParse(text: string): string {
  try {
    JSON.parse(text)
    return ''
  } catch (error) {
    return String(error)
  }
}

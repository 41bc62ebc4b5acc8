import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Contracts, Glob } from '#redline/audit/inventory/glob.js'
import { asArray, asText } from '#redline/wire/client.js'
import { connect } from '../../redis/connect.js'
import { availableEngines, startServer } from '../../support/servers.js'

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

test('the first contract that matches is the one, also for empty names and globs that begin with a star', () => {
  const contracts = new Contracts([{ pattern: 'a:*' }, { pattern: '*:x' }, { pattern: 'b:*' }, { pattern: '*' }])
  expect(['a:x', 'b:x', 'b:y', 'c', ''].map((name) => contracts.of(Buffer.from(name)))).toEqual([0, 1, 2, 3, 3])
  expect(new Contracts([{ pattern: 'a' }]).of(Buffer.from(''))).toBe(-1)
})

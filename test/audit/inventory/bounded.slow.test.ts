import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { Trie, TRIE_LIMITS } from '#redline/audit/inventory/trie.js'
import { Tokens } from '#redline/audit/inventory/tokens.js'
import { Rng } from '#redline/core/rng.js'
import { factsOf, inventory, patternOf, record, SCANNED, times } from './records.js'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** Names made to cost as much as names can: any bytes, delimiters among them, never the same. */
function hostileName(rng: Rng, bytes: Uint8Array): Uint8Array {
  const delimiters = ':./-_|{}?&=,;#@'
  const length = 1 + rng.below(bytes.length)
  for (let at = 0; at < length; at++) bytes[at] = rng.below(4) === 0 ? delimiters.charCodeAt(rng.below(delimiters.length)) : rng.below(256)
  return bytes.subarray(0, length)
}

test(
  'four hundred thousand hostile names take no more memory than the first hundred thousand, and all are counted',
  { timeout: 120_000 },
  () => {
    const rng = new Rng(1)
    const counted = inventory({ cluster: true })
    const name = new Uint8Array(32)
    const reused = record(name)
    const heap: number[] = []
    for (let i = 1; i <= 400_000; i++) {
      reused.name = hostileName(rng, name)
      reused.bytes = Math.floor(2 ** (30 * rng.float()))
      reused.ttlMs = i & 1 ? rng.below(2 ** 31) : -1
      reused.idleSeconds = rng.below(1_000_000)
      counted.add(reused)
      if (i % 100_000 === 0) {
        collectGarbage()
        heap.push(process.memoryUsage().heapUsed)
      }
    }
    for (const each of heap.slice(1)) expect(each - heap[0]!).toBeLessThan(25 * 1024 ** 2)
    const facts = counted.finish(SCANNED)
    expect(facts.keys.value).toBe(400_000)
    expect(facts.patterns.reduce((sum, { keys }) => sum + keys.value, 0)).toBe(400_000)
    expect(facts.patterns.at(-1)).toMatchObject({ pattern: '<other>', other: true })
  },
)

test('patterns and edges stay below their limits, whatever comes', () => {
  const limits = { ...TRIE_LIMITS, patterns: 300, edges: 1000 }
  const trie = new Trie({ nowSeconds: 0, blocks: undefined }, limits)
  const [rng, tokens, bytes] = [new Rng(2), new Tokens(), new Uint8Array(60)]
  for (let i = 0; i < 30_000; i++) {
    const name = hostileName(rng, bytes)
    tokens.read(name)
    trie.at(tokens, name, 0)
    expect(trie.size.patterns).toBeLessThanOrEqual(limits.patterns + 1)
    expect(trie.size.edges).toBeLessThanOrEqual(limits.edges + 17)
  }
})

test('a pattern that holds much is named among more patterns than can be, and what is not is reported', () => {
  const rng = new Rng(3)
  const bytes = new Uint8Array(40)
  const records = times(60_000, (i) => (i % 3 === 0 ? `orders:${i}` : '')).map((name) => record(name || hostileName(rng, bytes).slice()))
  const facts = factsOf(records, { limits: { patterns: 400, edges: 2000 } })
  expect(patternOf(facts, 'orders:<int>').keys.value).toBeGreaterThan(19_500)
  expect(facts.patterns.at(-1)!.other).toBe(true)
  expect(facts.patterns.at(-1)!.keys.value).toBeGreaterThan(5000)
})

test('many tenants with many kinds of keys are joined before anything is given up', () => {
  const tenants = times(200, (i) => `t${String.fromCharCode(97 + (i % 26), 97 + Math.floor(i / 26))}`)
  const kinds = times(200, (i) => `k${String.fromCharCode(97 + (i % 26), 97 + Math.floor(i / 26))}`)
  const facts = factsOf(tenants.flatMap((tenant) => kinds.map((kind) => record(`${tenant}:${kind}`))))
  expect(facts.patterns.some(({ other }) => other)).toBe(false)
  expect(facts.keys.value).toBe(40_000)
})

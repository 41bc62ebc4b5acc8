import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Contracts } from '#redline/audit/inventory/contracts.js'
import { suggestContracts } from '#redline/audit/inventory/suggest.js'
import { contractsText } from '#redline/config/contracts-text.js'
import { parseProjectFile } from '#redline/config/project-text.js'
import { contractSchema } from '#redline/schema/project.js'
import { factsOf, record, times } from './records.js'

const DAY = 86_400_000

function suggested(...args: Parameters<typeof factsOf>) {
  const contracts = suggestContracts(factsOf(...args)).map(({ contract }) => contract)
  // In a file durations are text.
  for (const { ttl, ...rest } of contracts) {
    const max = typeof ttl === 'object' ? { ttl: { max: `${ttl.max}ms` } } : { ttl }
    contractSchema.parse({ ...rest, ...(ttl !== undefined && max) })
  }
  return contracts
}

test('a contract says what all keys of a pattern have in common, with room to grow', () => {
  const contracts = suggested([
    ...times(200, (i) => `session:${i}`).map((name, i) => record(name, { bytes: 300, ttlMs: 30 * DAY - i * 100_000 })),
    ...times(150, (i) => `user:${i}:profile`).map((name) => record(name, { type: 'hash', encoding: 'listpack', bytes: 900, elements: 12 })),
    ...times(120, (i) => `cache:page:${i}`).map((name, i) => record(name, { bytes: 5000, ttlMs: i < 6 ? -1 : 3000_000 })),
    ...['id', 'meta', 'wait', '1', '2'].map((key) => record(`bull:mail:${key}`, { type: key === 'wait' ? 'list' : 'hash' })),
    record('one-of-a-kind'),
  ])
  expect(contracts).toEqual([
    { pattern: 'user:*:profile', type: 'hash', max_bytes: 2048, max_elements: 20 },
    { pattern: 'cache:page:*', type: 'string', looks_like: 'cache', ttl: { max: 3_600_000 }, max_bytes: 8192, durability: 'cache' },
    { pattern: 'bull:mail:*', looks_like: 'queue', ttl: 'none', max_bytes: 256, durability: 'queue' },
    { pattern: 'session:*', type: 'string', looks_like: 'session', ttl: { max: 30 * DAY }, max_bytes: 512 },
  ])
})

test('a TTL is asked of all keys only where nearly all have one; elsewhere a comment leaves it to the reader', () => {
  const some = (pattern: string, persistent: number) =>
    times(200, (i) => `${pattern}:${i}`).map((name, i) => record(name, { ttlMs: i < persistent ? -1 : 3_000_000 }))
  const records = [...some('session', 0), ...some('token', 10), ...some('cache', 76), ...some('lock', 200), ...some('user', 200)]
  const suggestions = suggestContracts(factsOf(records))
  expect(Object.fromEntries(suggestions.map(({ contract: { pattern, ttl }, remark }) => [pattern, { ttl, remark }]))).toEqual({
    'session:*': { ttl: { max: 3_600_000 }, remark: undefined },
    'token:*': { ttl: { max: 3_600_000 }, remark: '5% of its keys have no TTL, which breaks this' },
    'cache:*': { ttl: undefined, remark: '38% of its keys never expire: add "ttl: required" if they should' },
    'lock:*': { ttl: undefined, remark: 'none of its keys expires: add "ttl: required" if they should' },
    'user:*': { ttl: undefined, remark: undefined },
  })
  const text = contractsText(suggestions)
  expect(text).toContain('  # 38% of its keys never expire: add "ttl: required" if they should\n  - pattern: cache:*\n')
  const file = parseProjectFile('redline.config.yaml', text, { rules: [], maxImpact: () => undefined })
  expect(file.contracts).toEqual(suggestions.map(({ contract }) => contract))
})

test('what breaks a suggested contract is what changed, not what was seen', () => {
  const records = times(300, (i) => `order:${i}:items`).map((name, i) =>
    record(name, { type: 'list', bytes: 100 + i * 10, elements: i, ttlMs: i * 60_000 }),
  )
  const [contract] = suggested(records)
  expect(contract!.max_bytes).toBeGreaterThan(1.4 * 3090)
  expect(contract!.max_elements).toBeGreaterThan(1.4 * 299)
  expect(contract!.ttl).toEqual({ max: 6 * 3_600_000 })
})

test('the narrower glob comes first, and declared contracts stay as they are', () => {
  const names = times(200, (i) => [`user:${i}`, `user:${i}:cart`, `user:${i}:cart:items`, `shop:${i}`][i % 4]!).map((name) => record(name))
  const declared = { pattern: 'shop:*', owner: 'shop', max_bytes: 7 }
  const contracts = suggested([...names, ...names], { contracts: [declared] })
  expect(contracts.map(({ pattern }) => pattern)).toEqual(['user:*:cart:items', 'user:*:cart', 'shop:*', 'user:*'])
  expect(contracts[2]).toEqual(declared)
})

test('every key of a pattern that gets a contract falls under one, whatever its name holds', () => {
  const part = fc.constantFrom('user', '1', 'a*b', '[x]', '?', '\\', '<int>', 'ä', '\n', ' ', '^', '2026-11-23', 'x@example.com')
  const name = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(':'))
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 30 }), (names) => {
      const contracts = new Contracts(suggested(names.map((each) => record(each))))
      for (const each of names) expect(contracts.of(Buffer.from(each)), each).not.toBe(-1)
    }),
  )
})

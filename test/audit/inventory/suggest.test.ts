import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Contracts } from '#redline/audit/inventory/contracts.js'
import { suggestContracts } from '#redline/audit/inventory/suggest.js'
import { contractSchema } from '#redline/schema/project.js'
import { factsOf, record, times } from './records.js'

const DAY = 86_400_000

function suggested(...args: Parameters<typeof factsOf>) {
  const contracts = suggestContracts(factsOf(...args))
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
    ...times(120, (i) => `cache:page:${i}`).map((name, i) => record(name, { bytes: 5000, ttlMs: i < 60 ? -1 : 3000_000 })),
    ...['id', 'meta', 'wait', '1', '2'].map((key) => record(`bull:mail:${key}`, { type: key === 'wait' ? 'list' : 'hash' })),
    record('one-of-a-kind'),
  ])
  expect(contracts).toEqual([
    { pattern: 'user:*:profile', type: 'hash', max_bytes: 2048, max_elements: 20 },
    { pattern: 'cache:page:*', type: 'string', looks_like: 'cache', ttl: 'required', max_bytes: 8192, durability: 'cache' },
    { pattern: 'bull:mail:*', looks_like: 'queue', ttl: 'none', max_bytes: 256, durability: 'queue' },
    { pattern: 'session:*', type: 'string', looks_like: 'session', ttl: { max: 30 * DAY }, max_bytes: 512 },
  ])
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

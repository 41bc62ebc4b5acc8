import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/mem/small-strings.js'
import { numberOf, readInfo } from '#redline/redis/info.js'
import { onServer } from '../../../support/live.js'
import { checkRule, identity, keyspaceFacts, patternFacts, serverFacts, sizes } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: the saving that it promises is there', async (engine) => {
  await onServer({ engine }, async ({ client, auditKeys }) => {
    // What was freed must be gone when memory is read again.
    await client.callAll([['CONFIG', 'SET', 'lazyfree-lazy-user-flush', 'no']])
    const memory = async () => numberOf(await readInfo(client), 'used_memory') ?? 0
    const empty = await memory()
    await client.call('EVAL', "for i = 100000, 109998 do redis.call('SET', 'user:' .. i .. ':flag', 'on') end", '0')
    expect((await auditKeys(rule)).passed).toEqual(['mem/small-strings'])
    await client.call('SET', 'user:109999:flag', 'on')
    const asKeys = (await memory()) - empty
    const { findings } = await auditKeys(rule)
    expect(findings).toMatchObject([{ about: 'user:<int>:flag', severity: 'note', evidence: { smallKeys: 10_000 } }])

    await client.call('FLUSHALL')
    await client.call(
      'EVAL',
      "for i = 100000, 109999 do redis.call('HSET', 'user:' .. math.floor(i / 100) .. ':flags', i % 100, 'on') end",
      '0',
    )
    const asFields = (await memory()) - empty
    const promised = Number(findings[0]?.evidence['savedBytes'])
    expect(asKeys - asFields).toBeGreaterThan(0.8 * promised)
    expect(asKeys - asFields).toBeLessThan(2 * promised)
    expect((await auditKeys(rule)).passed).toEqual(['mem/small-strings'])
  })
})

type Fields = Parameters<typeof patternFacts>[0]
const flags = (keys: number, bytesEach: number, fields: Fields = {}) => {
  const size = sizes({ value: bytesEach, keys })
  return patternFacts({ pattern: 'user:<int>:flag', keys, bytes: keys * bytesEach, persistent: keys, size, ...fields })
}
const check = (pattern: ReturnType<typeof patternFacts>, options = {}, engine: 'redis' | 'valkey' = 'redis') =>
  checkRule(rule, { keyspace: keyspaceFacts({ patterns: [pattern] }), server: serverFacts({ engine }) }, options)

test('many small strings told apart by one id are noted, with what buckets would save', () => {
  expect(check(flags(100_000, 104))).toMatchObject([
    {
      about: 'user:<int>:flag',
      message: '100k keys of 104 B on average, told apart by one id: in hashes of 100 fields they would take about 7.63 MB less',
      evidence: { smallKeys: 100_000, meanBytes: 104, savedBytes: 8_000_000, savedBytesEach: 80 },
      commands: ['HSET user:<id/100>:flag <id%100> <value>'],
    },
  ])
})

test('an id that is no number names the field, and takes of what is saved', () => {
  const named = (idBytes: number) => flags(100_000, 104, { pattern: 'email:<email>', nameBytes: (6 + idBytes) * 100_000 })
  expect(check(named(22))).toMatchObject([
    { about: 'email:<email>', evidence: { savedBytes: 6_000_000, savedBytesEach: 60 }, commands: ['HSET email:<crc32%1000> <id> <value>'] },
  ])
  expect(check(named(82))).toEqual([])
})

test('Valkey has less to save, and nobody saves more than there is', () => {
  expect(check(flags(100_000, 104), {}, 'valkey')[0]?.evidence['savedBytes']).toBe(3_900_000)
  expect(check(flags(100_000, 56))[0]?.evidence['savedBytes']).toBe(5_600_000)
})

test('it takes 10,000 strings below 200 bytes', () => {
  expect(check(flags(9999, 104))).toEqual([])
  expect(check(flags(10_000, 199))).toHaveLength(1)
  expect(check(flags(10_000, 200))).toEqual([])
  expect(check(flags(100, 104), { keys: 100 })).toHaveLength(1)
  expect(check(flags(10_000, 300), { size: 400 })).toHaveLength(1)
})

test('only the small ones of a pattern count', () => {
  const size = sizes({ value: 104, keys: 12_000 }, { value: 5000, keys: 50_000 })
  expect(check(flags(62_000, 100, { size }))).toMatchObject([{ evidence: { smallKeys: 12_000, meanBytes: 104 } }])
})

test('keys with a TTL are left alone: in a hash they would share it', () => {
  expect(check(flags(100_000, 104, { persistent: 0 }))).toEqual([])
  expect(check(flags(100_000, 104, { persistent: 12_000 }))).toMatchObject([{ evidence: { smallKeys: 12_000 } }])
})

test('so is what is told apart by two ids, is no string, or is not for its user to change', () => {
  expect(check(flags(100_000, 104, { variables: 2 }))).toEqual([])
  expect(check(flags(100_000, 104, { types: { hash: { keys: 100_000, bytes: 1e7 } } }))).toEqual([])
  expect(check(flags(100_000, 104, { product: 'BullMQ' }))).toEqual([])
  expect(check(flags(100_000, 104, { other: true }))).toEqual([])
  expect(check(flags(100_000, 104, { contract: { type: 'string' } }))).toEqual([])
})

test('a sample must be sure that they are so many', () => {
  expect(check(flags(12_000, 104, { keys: { value: 12_000, low: 8000, high: 16_000 } }))).toEqual([])
  expect(check(flags(12_000, 104, { keys: { value: 12_000, low: 11_000, high: 13_000 } }))[0]?.message).toMatch(/^about 12k keys of 104 B/)
})

test('it is the same finding when the numbers change', () => {
  expect(check(flags(12_000, 104)).map(identity)).toEqual(check(flags(90_000, 60)).map(identity))
})

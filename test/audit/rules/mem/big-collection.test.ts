import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/mem/big-collection.js'
import { onServer } from '../../../support/live.js'
import { blindness, checkRule, distribution, identity, keyFacts, keyspaceFacts, patternFacts, sizes } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'
import { auditWhole } from '../../../support/whole-audits.js'

test.each(availableEngines())('%s: without a look at lengths, bytes tell what is big and what can not be', async (engine) => {
  await onServer({ engine, config: { 'rename-command': 'CLIENT ""' } }, async ({ client, server }) => {
    const judged = async () => {
      const { result } = await auditWhole(server.url, { rules: ['mem/big-collection'] })
      const [finding] = result.findings
      return { ...result.rules, lengths: result.coverage.lengths, message: finding?.message }
    }
    await client.callAll(Array.from({ length: 50 }, (_, i) => ['HSET', `profile:${i}`, 'name', 'x'.repeat(100), 'age', i]))
    expect(await judged()).toMatchObject({ passed: ['mem/big-collection'], lengths: 'none' })
    const fill = (size: number) => `for i = 1, 6000 do redis.call('HSET', KEYS[1], i, string.rep('x', ${size})) end`
    await client.call('EVAL', fill(10), '1', 'profile:big')
    expect(await judged()).toMatchObject({ passed: [], notAssessed: [{ why: expect.stringContaining('a collection takes bytes enough') }] })
    await client.call('EVAL', fill(4000), '1', 'profile:big')
    expect(await judged()).toMatchObject({ message: expect.stringMatching(/^1 key of [\d.]+ MB; elements were not counted$/) })
  })
})

test.each(availableEngines())('%s: collections are measured, in elements and in bytes', async (engine) => {
  await onServer({ engine }, async ({ client, auditKeys }) => {
    const fill = (key: string, members: number) =>
      client.call('EVAL', `for i = 1, ${members} do redis.call('SADD', KEYS[1], 'member:' .. i) end`, '1', key)
    for (let i = 1; i <= 20; i++) await fill(`followers:${i}`, 300)
    await client.call('EVAL', "for i = 1, 6000 do redis.call('XADD', 'events', '*', 'n', i) end", '0')
    expect((await auditKeys(rule)).passed).toEqual(['mem/big-collection'])
    await fill('followers:7', 5000)
    await fill('followers:9', 60_000)
    const { findings } = await auditKeys(rule)
    expect(findings).toMatchObject([
      {
        about: 'followers:<int>',
        severity: 'error',
        evidence: { elementsKeys: 2, elementsLargest: 60_000 },
        examples: ['followers:9', 'followers:7'],
      },
    ])
    const contracts = [
      { pattern: 'followers:*', max_elements: 100_000 },
      { pattern: 'events', max_elements: 5000 },
    ]
    expect((await auditKeys(rule, {}, { contracts })).findings).toMatchObject([{ about: 'events', severity: 'error' }])

    await client.call('EVAL', "for i = 1, 11 do redis.call('HSET', 'profile:1', i, string.rep('x', 1000000)) end", '0')
    expect((await auditKeys(rule)).findings).toContainEqual(
      expect.objectContaining({
        about: 'profile:<int>',
        severity: 'warning',
        message: expect.stringMatching(/^1 key of 1\d(\.\d+)? MB$/),
      }),
    )
  })
})

const MB = 1024 ** 2
type Fields = Parameters<typeof patternFacts>[0]
/** Sets of so many members, a byte each unless it is said. */
const followers = (members: number[], bytes: number[] = members, fields: Fields = {}) => {
  const size = sizes(...bytes)
  return patternFacts({
    pattern: 'followers:<int>',
    keys: members.length,
    bytes: size.bytes,
    types: { set: { keys: members.length, bytes: size.bytes } },
    size,
    collections: [{ type: 'set', encoding: 'hashtable', elements: distribution(...members) }],
    ...fields,
  })
}
const facts = (pattern: ReturnType<typeof patternFacts>, fields: Parameters<typeof keyspaceFacts>[0] = {}) => ({
  keyspace: keyspaceFacts({ patterns: [pattern], ...fields }),
})
const check = (pattern: ReturnType<typeof patternFacts>, options = {}) => checkRule(rule, facts(pattern), options)

test('collections from 5,000 elements on are reported, about their pattern', () => {
  const largest = [keyFacts({ key: 'followers:1', pattern: 'followers:<int>', type: 'set', elements: 12_000, bytes: 12_000 })]
  expect(check(followers([10, 4999, 5000, 12_000], undefined, { largest }))).toMatchObject([
    {
      about: 'followers:<int>',
      severity: 'warning',
      message: '2 keys of 5,000 elements or more, the largest 12k elements',
      evidence: { elementsKeys: 2, elementsLargest: 12_000, elementsLimit: 5000 },
      commands: ['redis-cli MEMORY USAGE followers:1'],
      examples: ['followers:1'],
    },
  ])
  expect(check(followers([10, 4999]))).toEqual([])
})

test('from 50,000 elements on it is an error', () => {
  expect(check(followers([49_999]))).toMatchObject([{ severity: 'warning' }])
  expect(check(followers([50_000]))).toMatchObject([{ severity: 'error', message: '1 key of 50k elements' }])
})

test('few elements may be many bytes: 10 MB and 100 MB', () => {
  expect(check(followers([3], [10 * MB - 1]))).toEqual([])
  expect(check(followers([3], [10 * MB]))).toMatchObject([{ severity: 'warning', message: '1 key of 10 MB' }])
  expect(check(followers([3], [100 * MB]))).toMatchObject([{ severity: 'error' }])
})

test('both at once are one finding', () => {
  expect(check(followers([60_000, 3], [60_000, 12 * MB]))).toMatchObject([
    { severity: 'error', message: '1 key of 60k elements; 1 key of 12 MB' },
  ])
})

test('every limit is an option', () => {
  expect(check(followers([100]), { elements: 100 })).toHaveLength(1)
  expect(check(followers([100]), { elements: 50, error_elements: 100 })).toMatchObject([{ severity: 'error' }])
  expect(check(followers([1], [2000]), { bytes: '1KB' })).toHaveLength(1)
  expect(check(followers([1], [2000]), { bytes: '1KB', error_bytes: 2000 })).toMatchObject([{ severity: 'error' }])
})

test('the limits of a contract take their place', () => {
  expect(check(followers([20_000], undefined, { contract: { max_elements: 20_000 } }))).toEqual([])
  expect(check(followers([20_001], undefined, { contract: { max_elements: 20_000 } }))).toMatchObject([
    { severity: 'error', message: "1 key of 20k elements, above the contract's 20k elements", evidence: { elementsContract: true } },
  ])
  expect(check(followers([10], [2000], { contract: { max_bytes: 1000 } }))).toMatchObject([
    { severity: 'error', message: "1 key of 1.95 KB, above the contract's 1000 B" },
  ])
})

test('long streams are not its business, unless a contract bounds them; strings never are', () => {
  const stream = (fields: Fields = {}) =>
    followers([80_000], undefined, {
      types: { stream: { keys: 1, bytes: 80_000 } },
      collections: [{ type: 'stream', encoding: 'stream', elements: distribution(80_000) }],
      ...fields,
    })
  expect(check(stream())).toEqual([])
  expect(check(stream({ contract: { max_elements: 50_000 } }))).toHaveLength(1)
  expect(check(patternFacts({ size: sizes(200 * MB), bytes: 200 * MB, keys: 1 }))).toEqual([])
})

test('where lengths were not read, only collections of many bytes are not known to be small', () => {
  const unread = (type: string, bytes: number[], fields: Fields = {}) =>
    facts(followers(bytes, bytes, { types: { [type]: { keys: bytes.length, bytes: 1 } }, collections: [], ...fields }), { lengths: 'none' })
  // An element of a set takes two bytes or more, a field with its value four.
  expect(blindness(rule, unread('set', [20, 9999]))).toBeUndefined()
  expect(blindness(rule, unread('hash', [19_999]))).toBeUndefined()
  expect(blindness(rule, unread('set', [20, 10_000]))).toMatchObject({
    kind: 'not assessed',
    why: expect.stringMatching(/--allow touch reads them.*; a collection takes bytes enough for the number of elements that is big$/),
  })
  expect(blindness(rule, unread('hash', [20_000, 30_000]))?.why).toContain('2 collections take bytes enough')
  expect(blindness(rule, unread('set', [400], { contract: { max_elements: 100 } }))).toMatchObject({ kind: 'not assessed' })
  expect(blindness(rule, unread('string', [MB]))).toBeUndefined()
  expect(blindness(rule, facts(followers([10]), { lengths: 'some' }))).toBeUndefined()
})

test('where lengths were not read, bytes decide, and the finding says that elements were not counted', () => {
  const big = followers([10], [20 * MB], { collections: [] })
  expect(checkRule(rule, facts(big, { lengths: 'none' }))).toMatchObject([{ message: '1 key of 20 MB; elements were not counted' }])
  expect(checkRule(rule, facts(followers([10], [20 * MB])))).toMatchObject([{ message: '1 key of 20 MB' }])
})

test('it is the same finding when another key is the largest', () => {
  expect(check(followers([6000])).map(identity)).toEqual(check(followers([90_000, 7000], [200 * MB, 5])).map(identity))
})

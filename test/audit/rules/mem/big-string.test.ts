import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/mem/big-string.js'
import { onServer } from '../../../support/live.js'
import { checkRule, distribution, identity, keyFacts, keyspaceFacts, patternFacts, sizes } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: big strings are found where they are', async (engine) => {
  await onServer({ engine }, async ({ client, auditKeys }) => {
    const write = (key: string, bytes: number) => client.call('EVAL', `redis.call('SET', KEYS[1], string.rep('x', ${bytes}))`, '1', key)
    for (let i = 1; i <= 30; i++) await write(`page:${i}`, 50_000)
    await client.call('EVAL', "redis.call('RPUSH', 'list:1', string.rep('x', 6000000))", '0')
    expect((await auditKeys(rule)).passed).toEqual(['mem/big-string'])
    await write('page:7', 300_000)
    await write('page:9', 110_000)
    expect((await auditKeys(rule)).findings).toMatchObject([
      { about: 'page:<int>', severity: 'warning', evidence: { bigKeys: 2 }, examples: ['page:7', 'page:9'] },
    ])
    await write('page:8', 5 * MB)
    expect((await auditKeys(rule)).findings).toMatchObject([{ severity: 'error', commands: ['redis-cli STRLEN page:8'] }])
    const contracts = [{ pattern: 'page:*', max_bytes: '8MB' }]
    expect((await auditKeys(rule, {}, { contracts })).passed).toEqual(['mem/big-string'])
  })
})

const KB = 1024
const MB = 1024 ** 2
type Fields = Parameters<typeof patternFacts>[0]
const pages = (size: ReturnType<typeof sizes>, fields: Fields = {}) =>
  patternFacts({ pattern: 'page:<int>', keys: size.keys, bytes: size.bytes, size, ...fields })
const check = (pattern: ReturnType<typeof patternFacts>, options = {}) =>
  checkRule(rule, { keyspace: keyspaceFacts({ patterns: [pattern] }) }, options)

test('strings from 100 KB on are reported, about their pattern, with the largest as examples', () => {
  const largest = [keyFacts({ key: 'page:7', bytes: 2 * MB }), keyFacts({ key: 'page:9', bytes: 100 })]
  expect(
    check(pages(sizes({ value: 500, keys: 1000 }, { value: 100 * KB, keys: 11 }, { value: 2 * MB, keys: 1 }), { largest })),
  ).toMatchObject([
    {
      about: 'page:<int>',
      severity: 'warning',
      message: '12 strings of 100 KB or more, the largest 2 MB (3.07 MB together)',
      evidence: { bigKeys: 12, largestBytes: 2 * MB, limitBytes: 100 * KB, contract: false },
      commands: ['redis-cli STRLEN page:7'],
      examples: ['page:7'],
    },
  ])
})

test('from 5 MB on it is an error', () => {
  expect(check(pages(sizes({ value: 5 * MB - 1 })))).toMatchObject([{ severity: 'warning', message: '1 string of 5 MB' }])
  expect(check(pages(sizes({ value: 5 * MB })))).toMatchObject([{ severity: 'error' }])
})

test('below that all is well; both limits are options', () => {
  expect(check(pages(sizes({ value: 100 * KB - 1, keys: 1000 })))).toEqual([])
  expect(check(pages(sizes({ value: 2000, keys: 3 })), { warn: '1KB' })).toHaveLength(1)
  expect(check(pages(sizes({ value: 2000, keys: 3 })), { warn: '1KB', error: 2000 })).toMatchObject([{ severity: 'error' }])
})

test('only strings are strings', () => {
  const size = sizes({ value: 6 * MB, keys: 10 })
  expect(check(pages(size, { types: { hash: { keys: 10, bytes: 60 * MB } } }))).toEqual([])
})

test('the limit of a contract takes the place of both', () => {
  const contract = { max_bytes: 10 * MB }
  expect(check(pages(sizes({ value: 6 * MB }), { contract }))).toEqual([])
  expect(check(pages(sizes({ value: 10 * MB }), { contract }))).toEqual([])
  expect(check(pages(sizes({ value: 11 * MB }), { contract }))).toMatchObject([
    { severity: 'error', message: "1 string of 11 MB, above the contract's 10 MB", evidence: { contract: true } },
  ])
  expect(check(pages(sizes({ value: 300, keys: 5 }), { contract: { max_bytes: 200 } }))).toMatchObject([
    { severity: 'error', message: "5 strings above the contract's 200 B, the largest 300 B (1.46 KB together)" },
  ])
})

test('a sample says about how many, and keys beyond the pattern are no examples', () => {
  const size = distribution({ value: 200 * KB, keys: 300, bytes: 300 * 200 * KB })
  const pattern = pages(size, { keys: { value: 300, low: 200, high: 400 } })
  const top = { bytes: [keyFacts({ key: 'page:3', bytes: 200 * KB }), keyFacts({ key: 'img:1', pattern: 'img:<int>', bytes: MB })] }
  const found = checkRule(rule, { keyspace: keyspaceFacts({ patterns: [pattern], top: { ...top, elements: [], idle: [] } }) })
  expect(found).toMatchObject([
    { message: 'about 300 strings of 100 KB or more, the largest 200 KB (about 58.6 MB together)', examples: ['page:3'] },
  ])
})

test('it is the same finding when another key is the largest', () => {
  expect(check(pages(sizes({ value: MB }))).map(identity)).toEqual(check(pages(sizes({ value: 9 * MB, keys: 4 }))).map(identity))
})

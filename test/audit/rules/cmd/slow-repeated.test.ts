import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/cmd/slow-repeated.js'
import { onServer } from '../../../support/live.js'
import { blindness, checkRule, configFacts, identity, keyFacts, keyspaceFacts, slowlogFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

const NOW = 1_790_000_000

test.each(availableEngines())('%s: a command that is slow five times is found, one that is slow four times is not', async (engine) => {
  await onServer({ engine, config: { 'slowlog-log-slower-than': '0' } }, async ({ client, audit }) => {
    await client.call('CLIENT', 'SETNAME', 'report')
    const options = { slow: '0s' }
    for (let i = 1; i <= 4; i++) await client.call('ZUNIONSTORE', 'sum', '2', `day:${i}`, `day:${i + 1}`)
    expect((await audit(rule, options)).passed).toEqual(['cmd/slow-repeated'])

    await client.call('ZUNIONSTORE', 'sum', '2', 'day:5', 'day:6')
    const { findings } = await audit(rule, options)
    expect(findings).toMatchObject([{ about: 'ZUNIONSTORE sum day:<int>', evidence: { entries: 5 } }])
    expect(findings[0]!.message).toMatch(/^took up to .+ms 5 times within 1s, last .+; from report \(127/)
  })
})

const entries = (count: number, fields: object = {}) =>
  Array.from({ length: count }, () => ({
    command: 'mget',
    shape: 'MGET user:<int>',
    keys: ['user:1'],
    shownKeys: ['user:#1'],
    at: NOW - 60,
    ...fields,
  }))
const find = (log: object[], options: object = {}) => checkRule(rule, { slowlog: slowlogFacts(log), now: NOW }, { ...options })

test('says how slow and how often, with the time that it took from everybody', () => {
  const [finding] = find([...entries(5), ...entries(1, { microseconds: 80_000, at: NOW - 3660, clientName: 'cron', client: '10.0.0.2:1' })])
  expect(finding).toMatchObject({
    about: 'MGET user:<int>',
    message: 'took up to 80ms 6 times within 1h, last 1m ago; from 10.0.0.7 and cron (10.0.0.2:1)',
    evidence: { entries: 6, share: 1, slowestSeconds: 0.08, totalSeconds: 0.155 },
    // Hashed where the user asked for it.
    examples: ['user:#1'],
  })
})

test('needs five of a kind and a twentieth of what is slow', () => {
  const others = Array.from({ length: 200 }, (_, i) => ({ command: 'sort', shape: `SORT list:${String.fromCharCode(97 + i)}`, at: NOW }))
  expect(find(entries(4))).toEqual([])
  expect(find(entries(5))).toHaveLength(1)
  expect(find([...entries(5), ...others.slice(0, 95)])).toHaveLength(1)
  expect(find([...entries(5), ...others.slice(0, 96)])).toEqual([])
})

test('entries that were fast or are old say nothing, whatever the threshold of the log', () => {
  expect(find(entries(9, { microseconds: 9999 }))).toEqual([])
  expect(find(entries(9, { at: NOW - 8 * 86_400 }))).toEqual([])
})

test('leaves scripts, KEYS, snapshots and big keys to the rules that say more about them', () => {
  for (const command of ['eval', 'evalsha', 'fcall_ro', 'keys', 'bgsave', 'psync']) expect(find(entries(9, { command }))).toEqual([])
  const big = keyFacts({ key: 'user:1', type: 'hash', elements: 5000 })
  const onBig = { slowlog: slowlogFacts(entries(9, { command: 'hgetall' })), now: NOW, keyspace: keyspaceFacts({ big: () => big }) }
  expect(checkRule(rule, onBig)).toEqual([])
  expect(checkRule(rule, { ...onBig, keyspace: keyspaceFacts() })).toHaveLength(1)
  expect(checkRule(rule, onBig, { elements: 5001 })).toHaveLength(1)
})

test('is the same finding whatever the keys and numbers are', () => {
  const [first, second] = [find(entries(5)), find(entries(50, { keys: ['user:2'], microseconds: 99_000 }))]
  expect(first.map(identity)).toEqual(second.map(identity))
})

test('a log that lets slow commands pass has not seen that there are none', () => {
  const config = configFacts({ 'slowlog-log-slower-than': '50000' })
  expect(blindness(rule, { slowlog: slowlogFacts(), now: NOW, config })).toMatchObject({ kind: 'not assessed' })
  expect(blindness(rule, { slowlog: slowlogFacts(), now: NOW, config }, { slow: '50ms' })).toBeUndefined()
})

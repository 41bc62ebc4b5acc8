import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/lua/slow.js'
import { holdServer, onServer } from '../../../support/live.js'
import { blindness, checkRule, configFacts, identity, slowlogFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

const NOW = 1_790_000_000

test.each(availableEngines())('%s: a script that holds the server is found, a short one is not', async (engine) => {
  await onServer({ engine, config: { 'slowlog-log-slower-than': '10000' } }, async ({ client, audit }) => {
    await client.call('EVAL', 'return 1', '1', 'job:1')
    expect((await audit(rule)).passed).toEqual(['lua/slow'])

    await holdServer(client, 'job:1', async () => (await audit(rule)).failed.length > 0)
    const { findings } = await audit(rule)
    expect(findings).toMatchObject([{ rule: 'lua/slow', examples: ['job:1'] }])
    expect(findings[0]!.about).toMatch(/^EVAL .+ job:<int>$/)
    expect(findings[0]!.evidence['slowestSeconds']).toBeGreaterThanOrEqual(0.1)
  })
})

const calls = (count: number, fields: object = {}) =>
  Array.from({ length: count }, () => ({
    command: 'evalsha',
    shape: 'EVALSHA 6b1b cart:<int>',
    keys: ['cart:1'],
    shownKeys: ['cart:#1'],
    at: NOW - 60,
    ...fields,
  }))
const find = (log: object[], options: object = {}) => checkRule(rule, { slowlog: slowlogFacts(log), now: NOW }, { ...options })

test('needs five slow calls of one script, or one that is very slow', () => {
  expect(find(calls(4))).toEqual([])
  expect(find(calls(5))).toHaveLength(1)
  expect(find([...calls(4), ...calls(4, { shape: 'EVALSHA 77aa' })])).toEqual([])
  expect(find(calls(1, { microseconds: 99_999 }))).toEqual([])
  expect(find(calls(1, { microseconds: 100_000 }))).toHaveLength(1)
})

test('calls that were short or are old say nothing, and other commands neither', () => {
  expect(find(calls(9, { microseconds: 9999 }))).toEqual([])
  expect(find(calls(9, { at: NOW - 7 * 86_400 - 1 }))).toEqual([])
  expect(find(calls(9, { command: 'sort', shape: 'SORT cart:<int>' }))).toEqual([])
})

test('knows every way to call a script or a function', () => {
  const commands = ['eval', 'eval_ro', 'evalsha', 'evalsha_ro', 'fcall', 'fcall_ro']
  expect(find(commands.flatMap((command) => calls(5, { command, shape: command.toUpperCase() }))).map(identity)).toEqual(
    commands.map((command) => command.toUpperCase()),
  )
})

test('says how slow, how often and who', () => {
  const [finding] = find([
    ...calls(1, { microseconds: 250_000 }),
    ...calls(4, { at: NOW - 3660, clientName: 'shop', client: '10.0.0.3:1' }),
  ])
  expect(finding!.message).toBe('took up to 250ms 5 times within 1h, last 1m ago; from 10.0.0.7 and shop (10.0.0.3:1)')
  expect(finding!.evidence).toEqual({ entries: 5, slowestSeconds: 0.25, clients: '10.0.0.7 and shop (10.0.0.3:1)' })
})

test('a log that lets slow calls pass has not seen that there are none', () => {
  const facts = { slowlog: slowlogFacts(), now: NOW, config: configFacts({ 'slowlog-log-slower-than': '500000' }) }
  expect(blindness(rule, facts)?.why).toBe('only what takes 500ms or longer is logged: slowlog-log-slower-than is 500000')
  expect(blindness(rule, { ...facts, config: configFacts() })).toBeUndefined()
})

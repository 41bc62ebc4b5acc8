import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/cfg/slowlog-full.js'
import { onServer } from '../../../support/live.js'
import { blindness, checkRule, configFacts, identity, slowlogFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

const NOW = 1_790_000_000

test.each(availableEngines())('%s: a slow log that loses entries within seconds is found, one with room is not', async (engine) => {
  // Before 7.0 the audit itself sends a command for each parameter.
  await onServer({ engine, config: { 'slowlog-log-slower-than': '0', 'slowlog-max-len': '1000' } }, async ({ client, audit }) => {
    await client.callAll(Array.from({ length: 300 }, () => ['PING']))
    expect((await audit(rule)).passed).toEqual(['cfg/slowlog-full'])
    await client.call('CONFIG', 'SET', 'slowlog-max-len', '250')
    await client.callAll(Array.from({ length: 300 }, () => ['PING']))
    const { findings } = await audit(rule)
    expect(findings).toMatchObject([{ about: 'slowlog-max-len', severity: 'note', evidence: { entries: 250 } }])
    expect(findings[0]!.message).toMatch(
      /^keeps 250 entries, which reach back .+s; [\d.]+k? commands were logged since the server started$/,
    )
    expect(findings[0]!.remedy).toContain('slowlog-log-slower-than to 10000')
  })
})

/** A log of `kept` entries, the oldest `reachSeconds` old, of `logged` that there ever were. */
function log({ kept = 128, logged = 500, reachSeconds = 600, read = 0 } = {}) {
  const entries = Array.from({ length: read || kept }, (_, i) => ({ id: logged - 1 - i, at: NOW - (reachSeconds * (i + 1)) / kept }))
  return slowlogFacts(entries, kept)
}
const find = (slowlog = log(), parameters: Record<string, string | undefined> = {}, options = {}) =>
  checkRule(rule, { slowlog, config: configFacts(parameters), now: NOW }, options)

test('says how far back it reaches, and how long it should be', () => {
  expect(find()).toMatchObject([
    {
      about: 'slowlog-max-len',
      message: 'keeps 128 entries, which reach back 10m; 500 commands were logged since the server started',
      evidence: { entries: 128, reachSeconds: 600, loggedSinceStart: 500 },
      commands: ['redis-cli CONFIG SET slowlog-max-len 16384', 'redis-cli CONFIG REWRITE'],
      at: { parameter: 'slowlog-max-len' },
    },
  ])
  expect(find(log({ reachSeconds: 40_000 }))[0]!.commands![0]).toBe('redis-cli CONFIG SET slowlog-max-len 512')
})

test('needs a full log that has lost entries and reaches back less than a day', () => {
  expect(find(log({ kept: 127 }))).toEqual([])
  expect(find(log({ logged: 128 }))).toEqual([])
  expect(find(log({ logged: 129 }))).toHaveLength(1)
  expect(find(log({ reachSeconds: 86_400 }))).toEqual([])
  expect(find(log({ reachSeconds: 86_399 }))).toHaveLength(1)
  expect(find(log({ reachSeconds: 7200 }), {}, { reach: '1h' })).toEqual([])
  expect(find(slowlogFacts([], 0), { 'slowlog-max-len': '0' })).toEqual([])
})

test('of a long log only the newest entries are read, and the rest is reckoned from them', () => {
  const parameters = { 'slowlog-max-len': '10000' }
  const newest = (reachSeconds: number) => log({ kept: 10_000, logged: 50_000, reachSeconds, read: 1000 })
  expect(find(newest(7200), parameters)[0]!.message).toContain('which reach back 2h;')
  expect(find(newest(90_000), parameters)).toEqual([])
})

test('a log that takes what is not slow gets a higher threshold instead', () => {
  expect(find(log(), { 'slowlog-log-slower-than': '999' })[0]!.commands![0]).toBe('redis-cli CONFIG SET slowlog-log-slower-than 10000')
  expect(find(log(), { 'slowlog-log-slower-than': '1000' })[0]!.commands![0]).toContain('slowlog-max-len')
})

test('is the same finding in every audit, and none where its length is not shown', () => {
  expect([...find(), ...find(log({ logged: 9000 }))].map(identity)).toEqual(['slowlog-max-len', 'slowlog-max-len'])
  const facts = { slowlog: log(), config: configFacts({ 'slowlog-max-len': undefined }), now: NOW }
  expect(blindness(rule, facts)?.why).toBe('the server does not show slowlog-max-len')
})

import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/cmd/keys.js'
import { onServer } from '../../../support/live.js'
import { checkRule, counters, identity, slowlogFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: KEYS is found with who sent it and what for, SCAN is not', async (engine) => {
  await onServer({ engine, config: { 'slowlog-log-slower-than': '0', 'slowlog-max-len': '1024' } }, async ({ client, audit }) => {
    await client.call('CLIENT', 'SETNAME', 'worker-7')
    await client.call('SET', 'user:1', 'x')
    await client.call('SCAN', '0')
    expect((await audit(rule)).passed).toEqual(['cmd/keys'])

    await client.call('KEYS', 'user:*')
    const { findings } = await audit(rule)
    expect(findings).toMatchObject([{ rule: 'cmd/keys', about: 'KEYS', severity: 'warning', evidence: { calls: 1 } }])
    expect(findings[0]!.message).toMatch(/^was called once since the server started .+, for .+ms each; slow ones came from worker-7 \(127/)
    expect(findings[0]!.message).toMatch(/ as KEYS user:\*$/)
  })
})

test.each(availableEngines())('%s: KEYS within a script counts too', async (engine) => {
  await onServer({ engine }, async ({ client, audit }) => {
    await client.call('EVAL', "return redis.call('KEYS', '*')", '0')
    expect((await audit(rule)).findings).toMatchObject([{ about: 'KEYS', evidence: { calls: 1 } }])
  })
})

const called = (calls: number, usecEach: number) => counters({ commands: { keys: { calls, usec: calls * usecEach } } })

test('says what it counted, from when, and for how long everybody waited', () => {
  const [finding] = checkRule(rule, {
    counters: counters({ seconds: 3 * 86_400, commands: { keys: { calls: 1234, usec: 1234 * 12_345 } } }),
  })
  expect(finding!.message).toBe('was called 1,234 times since the server started 3d ago, for 12.3ms each')
  expect(finding!.evidence).toEqual({ calls: 1234, secondsPerCall: 0.012345, countedSeconds: 259_200 })
  const [since] = checkRule(rule, { counters: counters({ basis: 'previous audit', seconds: 3600, commands: { keys: 2 } }) })
  expect(since!.message).toContain('2 times since the audit 1h ago')
})

test('names who sent it once each, and a script as such', () => {
  const slowlog = slowlogFacts([
    { command: 'keys', shape: 'KEYS user:*', client: '10.0.0.7:5000', clientName: 'web' },
    { command: 'keys', shape: 'KEYS user:*', client: '10.0.0.7:5001', clientName: 'web' },
    { command: 'keys', shape: 'KEYS *', client: '?:0' },
    { command: 'get', client: '10.0.0.9:1' },
  ])
  const [finding] = checkRule(rule, { counters: called(3, 10), slowlog })
  expect(finding!.message).toContain('; slow ones came from web (10.0.0.7:5000) and a script as KEYS user:* and KEYS *')
  expect(finding!.evidence).toMatchObject({ clients: 'web (10.0.0.7:5000) and a script' })
})

test('is an error only when it is both slow and frequent', () => {
  const severity = (calls: number, usecEach: number) => checkRule(rule, { counters: called(calls, usecEach) })[0]!.severity
  expect(severity(10, 100_000)).toBe('error')
  expect(severity(9, 100_000)).toBe('warning')
  expect(severity(10, 99_999)).toBe('warning')
})

test('stays silent below the calls that were asked for, and without any', () => {
  expect(checkRule(rule, { counters: called(4, 10) }, { calls: 5 })).toEqual([])
  expect(checkRule(rule, { counters: called(5, 10) }, { calls: 5 })).toHaveLength(1)
  expect(checkRule(rule, { counters: counters({ commands: { scan: 5000 } }) }, { calls: 0 })).toEqual([])
})

test('is the same finding in every audit', () => {
  const both = [called(1, 10), called(500, 200_000)].flatMap((counts) => checkRule(rule, { counters: counts }))
  expect(both.map(identity)).toEqual(['KEYS', 'KEYS'])
})

import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/cmd/errors.js'
import { onServer } from '../../../support/live.js'
import { checkRule, counters, identity, infoFacts, serverFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

const countsErrors = (engine: string) => engine !== 'redis@6.0'
const OPTIONS = { errors: 20 }

test.each(availableEngines().filter(countsErrors))('%s: commands that fail, are refused or do not exist are found', async (engine) => {
  await onServer({ engine }, async ({ client, audit }) => {
    await client.call('SET', 'a', 'x')
    await client.callAll(Array.from({ length: 500 }, () => ['GET', 'a']))
    await client.callAll(Array.from({ length: 20 }, () => ['LPUSH', 'a', 'x']))
    expect((await audit(rule, OPTIONS)).passed).toEqual(['cmd/errors'])

    await client.callAll([
      ['LPUSH', 'a', 'x'],
      ...Array.from({ length: 30 }, () => ['GET']),
      ...Array.from({ length: 40 }, () => ['NOSUCH']),
    ])
    const { findings } = await audit(rule, OPTIONS)
    expect(findings.map(({ about }) => about).toSorted()).toEqual(['GET', 'LPUSH', 'commands that the server does not have'])
    const messages = new Map(findings.map(({ about, message }) => [about, message]))
    expect(messages.get('GET')).toMatch(/^5.7% of 530 calls ended in an error since the server started .+: 30 refused before they ran$/)
    expect(messages.get('LPUSH')).toMatch(/^100% of 21 calls ended in an error since the server started .+: 21 failed$/)
    expect(messages.get('commands that the server does not have')).toMatch(/^40 errors of no command that it knows/)
    expect(findings[0]!.evidence['errorsOfAllCommands']).toBe('ERR 70, WRONGTYPE 21')
  })
})

test.each(availableEngines().filter((engine) => !countsErrors(engine)))(
  '%s: does not count them, so the rule does not apply',
  async (engine) => {
    await onServer({ engine }, async ({ server, audit }) => {
      expect((await audit(rule)).notApplicable).toEqual([{ rule: 'cmd/errors', why: `needs Redis 6.2 (this is ${server.version})` }])
    })
  },
)

test('applies from Redis 6.2 on, and to every Valkey', () => {
  const why = (engine: 'redis' | 'valkey', version: string) => rule.inapplicable?.(serverFacts({ engine, version }))
  expect(why('redis', '6.0.16')).toBe('needs Redis 6.2 (this is 6.0.16)')
  expect(why('redis', '6.2.0')).toBeUndefined()
  expect(why('redis', '10.0.0')).toBeUndefined()
  expect(why('valkey', '7.2.4')).toBeUndefined()
})

const command = (calls: number, rejected: number, failed: number, name = 'get') => ({
  counters: counters({ commands: { [name]: { calls, rejected, failed } }, grown: { total_error_replies: rejected + failed } }),
})

test('needs more than the share and more than the floor', () => {
  expect(checkRule(rule, command(100_100, 0, 1001))).toEqual([])
  expect(checkRule(rule, command(100_099, 0, 1001))).toHaveLength(1)
  expect(checkRule(rule, command(1000, 0, 1000))).toEqual([])
  expect(checkRule(rule, command(1001, 0, 1001))).toHaveLength(1)
})

test('what was refused did not run, and counts beside the calls', () => {
  const [finding] = checkRule(rule, command(6000, 2000, 500, 'config|get'))
  expect(finding).toMatchObject({
    about: 'CONFIG GET',
    message: '31% of 8,000 calls ended in an error since the server started 24h ago: 2,000 refused before they ran and 500 failed',
    evidence: { errors: 2500, rejected: 2000, failed: 500, calls: 8000, share: 2500 / 8000 },
  })
  expect(finding!.remedy).toContain('NOPERM')
  expect(checkRule(rule, command(6000, 500, 2000))[0]!.remedy).toContain('WRONGTYPE')
})

test('errors of no command are those of commands that the server does not have', () => {
  const facts = (grown: Record<string, number>) => ({ counters: counters({ commands: { get: { calls: 50_000, failed: 400 } }, grown }) })
  expect(checkRule(rule, facts({ total_error_replies: 1400, total_commands_processed: 50_000 }))).toEqual([])
  const findings = checkRule(rule, facts({ total_error_replies: 1401, total_commands_processed: 50_000 }))
  expect(findings.map(identity)).toEqual(['commands that the server does not have'])
  expect(findings[0]!.message).toBe('1,001 errors of no command that it knows since the server started 24h ago, 2% of all calls')
  expect(checkRule(rule, facts({ total_error_replies: 1401, total_commands_processed: 1_000_000 }))).toEqual([])
})

test('the most frequent errors of the whole server are evidence', () => {
  const errorstats = Object.fromEntries([1, 2, 3, 4, 5, 6].map((n) => [`errorstat_E${n}`, `count=${n}000`]))
  const [finding] = checkRule(rule, { ...command(5000, 0, 5000), info: infoFacts({}, { errorstats }) })
  expect(finding!.evidence['errorsOfAllCommands']).toBe('E6 6,000, E5 5,000, E4 4,000, E3 3,000, E2 2,000')
})

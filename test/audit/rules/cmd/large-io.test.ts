import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/cmd/large-io.js'
import { onServer } from '../../../support/live.js'
import { blindness, checkRule, commandlogFacts, configFacts, identity, largeCommand, serverFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

const NOW = 1_790_000_000
const MB = 1024 ** 2
const hasCommandlog = (engine: string) => engine.startsWith('valkey')

test.each(availableEngines().filter(hasCommandlog))('%s: large replies and requests are found when they come again', async (engine) => {
  await onServer(
    { engine, config: { 'commandlog-reply-larger-than': '100000', 'commandlog-request-larger-than': '100000' } },
    async (live) => {
      const options = { bytes: '100KB', times: 3 }
      const value = 'x'.repeat(200_000)
      for (let i = 1; i <= 3; i++) await live.client.call('SET', `blob:${i}`, value)
      for (let i = 1; i <= 2; i++) await live.client.call('GET', `blob:${i}`)
      expect((await live.audit(rule, options)).findings).toMatchObject([
        { about: 'SET blob:<int>', role: 'request', evidence: { entries: 3 } },
      ])

      await live.client.call('GET', 'blob:3')
      const { findings } = await live.audit(rule, options)
      expect(findings.map(identity)).toEqual(['GET blob:<int> reply', 'SET blob:<int> request'])
      expect(findings[0]!.message).toMatch(/^was answered with up to 195 KB 3 times within .+, 586 KB together; from 127\.0\.0\.1$/)
    },
  )
})

test.each(availableEngines().filter((engine) => !hasCommandlog(engine)))('%s: does not apply', async (engine) => {
  await onServer({ engine }, async ({ audit }) => {
    expect((await audit(rule)).notApplicable).toEqual([
      { rule: 'cmd/large-io', why: 'needs Valkey 8.1, which logs large requests and replies' },
    ])
  })
})

test('applies from Valkey 8.1 on', () => {
  const why = (engine: 'redis' | 'valkey', version: string) => rule.inapplicable?.(serverFacts({ engine, version }))
  expect(why('valkey', '8.1.0')).toBeUndefined()
  expect(why('valkey', '9.0.1')).toBeUndefined()
  expect(why('valkey', '8.0.4')).toBeDefined()
  expect(why('redis', '8.4.0')).toBeDefined()
})

const replies = (count: number, fields: object = {}) => ({
  commandlog: commandlogFacts({
    largeReplies: Array.from({ length: count }, () => ({ shape: 'LRANGE feed:<int> 0 -1', at: NOW - 60, ...fields })),
  }),
  now: NOW,
})

test('says the largest, all together, how often and from whom', () => {
  const facts = replies(5)
  facts.commandlog.largeReplies[0]!.bytes = 30 * MB
  expect(checkRule(rule, facts)).toMatchObject([
    {
      about: 'LRANGE feed:<int> 0 -1',
      role: 'reply',
      message: 'was answered with up to 30 MB 5 times within 1s, last 1m ago, 38 MB together; from 10.0.0.7',
      evidence: { entries: 5, largestBytes: 30 * MB, bytes: 38 * MB, clients: '10.0.0.7' },
    },
  ])
})

test('must be large, frequent and recent', () => {
  const found = (count: number, fields: object = {}) => checkRule(rule, replies(count, fields)).length
  expect(found(5)).toBe(1)
  expect(found(4)).toBe(0)
  expect(found(5, { bytes: MB })).toBe(1)
  expect(found(5, { bytes: MB - 1 })).toBe(0)
  expect(found(5, { at: NOW - 7 * 86_400 })).toBe(1)
  expect(found(5, { at: NOW - 7 * 86_400 - 1 })).toBe(0)
})

test('what is large both ways has a finding for each', () => {
  const entries = Array.from({ length: 5 }, () => largeCommand({ shape: 'EVALSHA abc', at: NOW }))
  const findings = checkRule(rule, { commandlog: { largeReplies: entries, largeRequests: entries }, now: NOW })
  expect(findings.map(identity)).toEqual(['EVALSHA abc reply', 'EVALSHA abc request'])
  expect(findings[0]!.remedy).not.toBe(findings[1]!.remedy)
})

test('a log that takes nothing, or only what is larger, has not seen that there is none', () => {
  const blind = (parameters: Record<string, string>) =>
    blindness(rule, { commandlog: commandlogFacts(), now: NOW, config: configFacts(parameters) })
  expect(blind({ 'commandlog-reply-larger-than': '1048576', 'commandlog-request-larger-than': '1048576' })).toBeUndefined()
  expect(blind({ 'commandlog-reply-larger-than': '-1', 'commandlog-request-larger-than': '1048576' })).toEqual({
    kind: 'not assessed',
    why: 'commandlog-reply-larger-than is -1',
  })
  expect(blind({ 'commandlog-request-larger-than': '9000000' })?.why).toBe('commandlog-request-larger-than is 9000000')
})

import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/ttl/stampede.js'
import { onServer } from '../../../support/live.js'
import { checkRule, distribution, identity, keyspaceFacts, patternFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: an import with one TTL goes at once, one with a random part does not', async (engine) => {
  await onServer({ engine }, async ({ client, auditKeys }) => {
    const load = (ttl: string) => client.call('EVAL', `for i = 1, 3000 do redis.call('SET', 'product:' .. i, 'x', 'EX', ${ttl}) end`, '0')
    await load('3600 + (i * 7919) % 3600')
    expect((await auditKeys(rule)).passed).toEqual(['ttl/stampede'])
    await load('3600')
    const { findings } = await auditKeys(rule)
    expect(findings).toMatchObject([
      { about: 'product:<int>', severity: 'warning', evidence: { keys: 3000, peakKeys: 3000, peakShare: 1 } },
    ])
    expect(findings[0]?.message).toMatch(/^100% of 3,000 keys expire within the minute of \d{4}-\d\d-\d\d \d\d:\d\d UTC$/)
  })
})

const AT = Date.UTC(2026, 10, 22, 9, 14) / 1000
const check = (fields: Parameters<typeof patternFacts>[0], options = {}) =>
  checkRule(rule, { keyspace: keyspaceFacts({ patterns: [patternFacts({ pattern: 'product:<int>', keys: 10_000, ...fields })] }) }, options)
const peak = (keys: number) => ({ at: AT, keys })

test('a fifth of a pattern that goes within one minute is reported, with the minute', () => {
  expect(check({ peakMinute: peak(8500) })).toMatchObject([
    {
      about: 'product:<int>',
      message: '85% of 10k keys expire within the minute of 2026-11-22 09:14 UTC',
      evidence: { keys: 10_000, peakKeys: 8500, peakShare: 0.85, peakAtSeconds: AT },
      remedy: 'Add a random part to each TTL, such as up to 1h 12m here.',
      commands: ['SET product:<int> <value> EX <43200 + random(0 to 4320)>'],
    },
  ])
  // Of two hours, a while ago.
  const [finding] = check({ peakMinute: peak(8500), ttl: distribution({ value: 7011, keys: 10_000 }) })
  expect(finding?.commands).toEqual(['SET product:<int> <value> EX <7200 + random(0 to 720)>'])
})

test('neither a small share nor few keys are a stampede', () => {
  expect(check({ peakMinute: peak(2000) })).toEqual([])
  expect(check({ peakMinute: peak(2001) })).toHaveLength(1)
  expect(check({ keys: 1000, peakMinute: peak(1000) })).toEqual([])
  expect(check({ keys: 1001, peakMinute: peak(1001) })).toHaveLength(1)
  expect(check({ keys: 10, peakMinute: peak(10) }, { keys: 5 })).toHaveLength(1)
  expect(check({ peakMinute: peak(500) }, { share: 0.01, keys: 100 })).toHaveLength(1)
})

test('keys that all live for a few minutes only go in a few minutes, and that is as it should be', () => {
  const short = { ttl: distribution({ value: 100, keys: 5000 }, { value: 180, keys: 5000 }) }
  expect(check({ ...short, peakMinute: peak(4000) })).toEqual([])
  expect(check({ ...short, peakMinute: peak(7000) })).toHaveLength(1)
  expect(check({ ttl: distribution({ value: 60, keys: 10_000 }), peakMinute: peak(10_000) })).toEqual([])
})

test('one key of a sample that stands for thousands is no stampede', () => {
  expect(check({ keys: { value: 10_000, low: 200, high: 50_000 }, peakMinute: peak(10_000) })).toEqual([])
  expect(check({ keys: { value: 10_000, low: 9000, high: 11_000 }, peakMinute: peak(10_000) })).toMatchObject([
    { message: '100% of about 10k keys expire within the minute of 2026-11-22 09:14 UTC' },
  ])
})

test('what never expires, or fits no pattern, is not judged', () => {
  expect(check({ persistent: 10_000 })).toEqual([])
  expect(check({ other: true, peakMinute: peak(9000) })).toEqual([])
})

test('it is the same finding when the numbers, and the minute, change', () => {
  expect(check({ peakMinute: peak(8500) }).map(identity)).toEqual(check({ peakMinute: { at: AT + 600, keys: 3000 } }).map(identity))
})

import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/sec/version-eol.js'
import { onServer } from '../../../support/live.js'
import { blindness, checkRule, identity, serverFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

const at = (day: string) => Date.parse(day) / 1000
const ENDS: Record<string, string> = {
  'redis@6.0': '2022-05-31',
  'redis@7.0': '2024-07-29',
  'redis@8.0': '2026-12-01',
  'valkey@8.1': '2030-03-31',
  'valkey@9.1': '2031-05-19',
}

test.each(availableEngines().filter((engine) => engine in ENDS))('%s: is supported until its day, and not after', async (engine) => {
  const end = ENDS[engine]!
  await onServer({ engine }, async ({ server, audit }) => {
    expect((await audit(rule, {}, { now: at(end) - 91 * 86_400 })).passed).toEqual(['sec/version-eol'])
    expect((await audit(rule, {}, { now: at(end) - 3600 })).findings).toMatchObject([{ severity: 'note' }])
    expect((await audit(rule, {}, { now: at(end) + 30 * 86_400 })).findings).toMatchObject([
      {
        about: engine.replace('@', ' '),
        severity: 'warning',
        message: `has had no security fixes since ${end}, 30d ago (this is ${server.version})`,
      },
    ])
  })
})

const check = (version: string, day: string, engine: 'redis' | 'valkey' = 'redis', options = {}) =>
  checkRule(rule, { server: serverFacts({ engine, version }), now: at(day) }, options)

test('notes the end of support ahead of it', () => {
  expect(check('6.2.19', '2027-01-01')).toMatchObject([
    { message: 'gets security fixes until 2027-04-01 only: 90d left', evidence: { daysLeft: 90 } },
  ])
  expect(check('6.2.19', '2026-12-31')).toEqual([])
  expect(check('6.2.19', '2026-12-31', 'redis', { ahead: '91d' })).toHaveLength(1)
  expect(check('6.2.19', '2027-03-31')[0]!.message).toContain('1 day left')
})

test('knows that Valkey is not Redis of the same number', () => {
  expect(check('8.0.2', '2027-01-01')).toMatchObject([{ about: 'redis 8.0', severity: 'warning' }])
  expect(check('8.0.2', '2027-01-01', 'valkey')).toEqual([])
})

test('takes what is older than its table for unsupported, and says that it does not know what is newer', () => {
  expect(check('3.2.12', '2026-01-01')).toMatchObject([{ about: 'redis 3.2', evidence: { supportEnds: '2020-04-30' } }])
  expect(blindness(rule, { server: serverFacts({ version: '8.6.1' }), now: at('2026-01-01') })).toEqual({
    kind: 'not assessed',
    why: 'no end of support is known for redis 8.6',
  })
  expect(blindness(rule, { server: serverFacts({ engine: 'valkey', version: '9.1.0' }), now: at('2026-01-01') })).toBeUndefined()
})

test('is the same finding from patch to patch', () => {
  expect([...check('7.0.4', '2025-01-01'), ...check('7.0.15', '2026-01-01')].map(identity)).toEqual(['redis 7.0', 'redis 7.0'])
})

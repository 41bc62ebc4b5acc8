import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/stream/unbounded.js'
import { onServer } from '../../../support/live.js'
import { checkRule, identity, streamFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'
import { addEntries, streamsOf } from './live-streams.js'

test.each(availableEngines())('%s: a stream that only grows is found, one that is trimmed or still is not', async (engine) => {
  await onServer({ engine }, async ({ client, audit }) => {
    await addEntries(client, 'events:1', 2000)
    await addEntries(client, 'events:2', 4000, 'MAXLEN', '2000')
    const options = { entries: 1000 }
    const found = async (key: string, grownBy: number) =>
      (await audit(rule, options, { streams: await streamsOf(client, [key], grownBy) })).findings
    expect(await found('events:1', 10)).toMatchObject([{ about: 'events:<int>', severity: 'warning', evidence: { longestEntries: 2000 } }])
    expect(await found('events:1', 0)).toEqual([])
    // 6.0 does not count what was added.
    expect(await found('events:2', 10)).toHaveLength(engine === 'redis@6.0' ? 1 : 0)
  })
})

const long = { entries: 200_000, added: 200_000, bytes: 20 * 1024 ** 2, growing: true }
const check = (...streams: Parameters<typeof streamFacts>[0][]) => checkRule(rule, { streams: streams.map(streamFacts) })

test('needs a long stream that grows and is not trimmed', () => {
  expect(check({ ...long, entries: 100_000, added: 100_000 })).toHaveLength(1)
  expect(check({ ...long, entries: 99_999, added: 99_999 })).toEqual([])
  expect(check({ ...long, growing: false })).toEqual([])
  expect(check({ ...long, added: 220_000 })).toHaveLength(1)
  expect(check({ ...long, added: 223_000 })).toEqual([])
  expect(checkRule(rule, { streams: [streamFacts({ ...long, added: 300_000 })] }, { trimmed: 0.5, entries: 10 })).toHaveLength(1)
})

test('says one of one stream, and all of a pattern together', () => {
  expect(check(long)[0]!.message).toBe('grows and is not trimmed: 200k entries (20 MB)')
  expect(check({ ...long, added: 0 })[0]!.message).toBe('grows and no trimming was seen: 200k entries (20 MB)')
  const [both, other] = check(long, { ...long, key: 'events:mails', entries: 300_000, added: 300_000 }, { ...long, pattern: 'log' })
  expect(both).toMatchObject({
    about: 'events:<*>',
    message: '2 streams grow and are not trimmed, the longest has 300k entries (20 MB)',
    evidence: { streams: 2, bytes: 40 * 1024 ** 2 },
    examples: ['events:orders', 'events:mails'],
  })
  expect(other!.about).toBe('log')
})

test('quotes names in what is to be copied', () => {
  expect(check({ ...long, key: 'my events', pattern: 'my events' })[0]!.commands).toEqual([
    'XADD <key> MAXLEN ~ 100000 * <field> <value>',
    "redis-cli XTRIM 'my events' MAXLEN '~' 100000 LIMIT 10000",
  ])
})

test('is the same finding while the stream grows', () => {
  expect([...check(long), ...check({ ...long, key: 'events:other', entries: 900_000, added: 900_000 })].map(identity)).toEqual([
    'events:<*>',
    'events:<*>',
  ])
})

import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/stream/pel.js'
import { onServer } from '../../../support/live.js'
import { checkRule, identity, streamFacts, streamGroup } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'
import { addEntries, streamsOf } from './live-streams.js'

test.each(availableEngines())('%s: entries that nobody acknowledges are found, acknowledged ones are not', async (engine) => {
  await onServer({ engine }, async ({ client, audit }) => {
    await addEntries(client, 'events:1', 500)
    await client.call('XGROUP', 'CREATE', 'events:1', 'workers', '0')
    await client.call('XREADGROUP', 'GROUP', 'workers', 'worker-1', 'COUNT', '300', 'NOACK', 'STREAMS', 'events:1', '>')
    const found = async () => (await audit(rule, { pending: 200, each: 100 }, { streams: await streamsOf(client, ['events:1']) })).findings
    expect(await found()).toEqual([])
    await client.call('XREADGROUP', 'GROUP', 'workers', 'worker-1', 'COUNT', '200', 'STREAMS', 'events:1', '>')
    expect(await found()).toMatchObject([
      {
        about: 'group workers of events:<int>',
        severity: 'warning',
        evidence: { pending: 200, consumers: 1, streams: 1 },
        examples: ['events:1'],
      },
    ])
  })
})

type Group = Parameters<typeof streamGroup>[0]
const check = (group: Group, options = {}) => checkRule(rule, { streams: [streamFacts({ groups: [streamGroup(group)] })] }, options)

test('needs both many entries and many for each consumer', () => {
  expect(check({ pending: 10_000, consumers: 10 })).toHaveLength(1)
  expect(check({ pending: 9999, consumers: 1 })).toEqual([])
  expect(check({ pending: 10_000, consumers: 11 })).toEqual([])
  expect(check({ pending: 500, consumers: 11 }, { pending: 500, each: 10 })).toHaveLength(1)
})

test('says for how many, and since when', () => {
  expect(check({ pending: 12_345, consumers: 1 })[0]!.message).toBe('12.3k entries are pending for 1 consumer')
  expect(check({ pending: 40_000, consumers: 2, oldestPendingSeconds: 93_600 })[0]!.message).toBe(
    '40k entries are pending for 2 consumers, the oldest is 26h old',
  )
})

test('joins groups of one name on streams of one pattern', () => {
  const stream = (key: string, pending: number) => streamFacts({ key, groups: [streamGroup({ pending })] })
  expect(checkRule(rule, { streams: [stream('events:a', 20_000), stream('events:b', 30_000), stream('events:c', 5)] })).toMatchObject([
    { message: '30k entries are pending for 1 consumer on 2 streams', evidence: { pending: 50_000 }, examples: ['events:a', 'events:b'] },
  ])
})

test('is the same finding when the group is named for a process', () => {
  const names = ['pod-7f9c04d1', 'pod-00aa99e2', 'pod-0f3c04d1-1111-4222-8333-444455556666']
  expect(names.flatMap((name) => check({ name, pending: 20_000 })).map(identity)).toEqual([
    'group pod-<hex> of events:<*>',
    'group pod-<hex> of events:<*>',
    'group pod-<uuid> of events:<*>',
  ])
  expect(['g1', 'g22'].flatMap((name) => check({ name, pending: 20_000 })).map(identity)).toEqual(
    Array(2).fill('group g<int> of events:<*>'),
  )
})

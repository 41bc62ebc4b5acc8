import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/stream/consumers.js'
import { onServer } from '../../../support/live.js'
import { checkRule, identity, streamFacts, streamGroup } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'
import { streamsOf } from './live-streams.js'

test.each(availableEngines())('%s: thousands of consumers are found without asking for each', async (engine) => {
  await onServer({ engine }, async ({ client, audit }) => {
    await client.call('XGROUP', 'CREATE', 'jobs:1', 'workers', '0', 'MKSTREAM')
    // Up to 7.0 a consumer begins with the first entry that it is given.
    const join = (from: number, to: number) =>
      client.callAll(
        Array.from({ length: to - from }, (_, i) => [
          ['XADD', 'jobs:1', '*', 'n', '1'],
          ['XREADGROUP', 'GROUP', 'workers', `c${from + i}`, 'COUNT', '1', 'STREAMS', 'jobs:1', '>'],
        ]).flat(),
      )
    const seen = async () => {
      const streams = await streamsOf(client, ['jobs:1'])
      return { members: streams[0]!.groups[0]!.members, findings: (await audit(rule, {}, { streams })).findings }
    }
    await join(0, 999)
    const before = await seen()
    expect([before.findings, before.members?.length]).toEqual([[], 999])
    await join(999, 1200)
    const after = await seen()
    expect(after.members).toBeUndefined()
    expect(after.findings).toMatchObject([{ about: 'group workers of jobs:<int>', severity: 'warning', message: 'has 1,200 consumers' }])
  })
})

const check = (consumers: number, options = {}) =>
  checkRule(rule, { streams: [streamFacts({ groups: [streamGroup({ consumers, members: undefined })] })] }, options)

test('counts from the option on', () => {
  expect(check(1000)).toEqual([])
  expect(check(1001)).toMatchObject([{ evidence: { consumers: 1001, streams: 1 } }])
  expect(check(11, { consumers: 10 })).toHaveLength(1)
})

test('is the same finding while they grow', () => {
  expect([...check(2000), ...check(90_000)].map(identity)).toEqual(Array(2).fill('group workers of events:<*>'))
})

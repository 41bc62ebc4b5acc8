import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/stream/lag.js'
import { onServer } from '../../../support/live.js'
import { blindness, checkRule, identity, streamFacts, streamGroup } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'
import { addEntries, streamsOf } from './live-streams.js'

const tellsLag = (engine: string) => engine !== 'redis@6.0'

test.each(availableEngines().filter(tellsLag))('%s: a group that is behind is found, one that is not is not', async (engine) => {
  await onServer({ engine }, async ({ client, audit }) => {
    await client.call('XGROUP', 'CREATE', 'events:1', 'workers', '0', 'MKSTREAM')
    await addEntries(client, 'events:1', 1000)
    const read = (count: number) =>
      client.call('XREADGROUP', 'GROUP', 'workers', 'w', 'COUNT', String(count), 'NOACK', 'STREAMS', 'events:1', '>')
    const result = async () => audit(rule, { entries: 500 }, { streams: await streamsOf(client, ['events:1']) })
    await read(400)
    expect((await result()).findings).toMatchObject([
      {
        about: 'group workers of events:<int>',
        severity: 'warning',
        message: 'is 600 entries behind, 60% of the stream',
        evidence: { lag: 600, entries: 1000 },
      },
    ])
    await read(200)
    expect((await result()).passed).toEqual(['stream/lag'])
  })
})

test.each(availableEngines().filter((engine) => !tellsLag(engine)))('%s: does not tell the lag', async (engine) => {
  await onServer({ engine }, async ({ audit }) => {
    expect((await audit(rule, {}, { streams: [] })).notApplicable).toMatchObject([{ why: expect.stringMatching(/^needs Redis 7\.0/) }])
  })
})

const check = (lag: number, entries: number, group = {}, options = {}) =>
  checkRule(rule, { streams: [streamFacts({ entries, groups: [streamGroup({ lag, ...group })] })] }, options)

test('needs both many entries and a share of the stream', () => {
  expect(check(10_000, 100_000)).toHaveLength(1)
  expect(check(9999, 10_000)).toEqual([])
  expect(check(10_000, 100_001)).toEqual([])
  expect(check(50, 1000, {}, { entries: 50, share: 0.05 })).toHaveLength(1)
  expect(check(0, 0, {}, { entries: 0, share: 0 })).toEqual([])
})

test('says no more than all of a stream that was trimmed meanwhile', () => {
  expect(check(50_000, 20_000)[0]!.message).toBe('is 50k entries behind, 100% of the stream')
})

test('leaves a group in which nobody reads to the rule about that', () => {
  expect(check(50_000, 50_000, { consumers: 0, members: [] })).toEqual([])
  const silent = { name: 'w', pending: 0, idleSeconds: 4000, inactiveSeconds: 4000 }
  expect(check(50_000, 50_000, { members: [silent] })).toEqual([])
  expect(check(50_000, 50_000, { members: [silent] }, { idle: '2h' })).toHaveLength(1)
})

test('passes nothing where the server can not tell', () => {
  const streams = (lag: number | undefined) => ({ streams: [streamFacts({ groups: [streamGroup({ lag })] })] })
  expect(blindness(rule, streams(undefined))).toEqual({
    kind: 'not assessed',
    why: "the server can't tell the lag of 1 group, where entries were deleted in between",
  })
  expect(blindness(rule, streams(0))).toBeUndefined()
})

test('is the same finding while it grows', () => {
  expect([...check(20_000, 20_000), ...check(900_000, 900_000)].map(identity)).toEqual(Array(2).fill('group workers of events:<*>'))
})

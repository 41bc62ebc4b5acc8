import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/stream/no-consumers.js'
import { onServer } from '../../../support/live.js'
import { blindness, checkRule, identity, streamFacts, streamGroup } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'
import { addEntries, streamsOf } from './live-streams.js'

const tellsLag = (engine: string) => engine !== 'redis@6.0'

test.each(availableEngines().filter(tellsLag))('%s: a backlog without a reader is found, one with a reader is not', async (engine) => {
  await onServer({ engine }, async ({ client, audit }) => {
    await client.call('XGROUP', 'CREATE', 'jobs:1', 'workers', '0', 'MKSTREAM')
    await addEntries(client, 'jobs:1', 50)
    const result = async (backlog: number) => audit(rule, { backlog }, { streams: await streamsOf(client, ['jobs:1']) })
    expect((await result(50)).findings).toMatchObject([
      {
        about: 'group workers of jobs:<int>',
        severity: 'warning',
        message: '50 entries wait and there is no consumer',
        evidence: { lag: 50, consumers: 0 },
      },
    ])
    expect((await result(51)).passed).toEqual(['stream/no-consumers'])
    await client.call('XREADGROUP', 'GROUP', 'workers', 'w', 'COUNT', '1', 'STREAMS', 'jobs:1', '>')
    expect((await result(40)).passed).toEqual(['stream/no-consumers'])
  })
})

test.each(availableEngines().filter((engine) => !tellsLag(engine)))('%s: does not tell the lag', async (engine) => {
  await onServer({ engine }, async ({ audit }) => {
    expect((await audit(rule, {}, { streams: [] })).notApplicable).toMatchObject([{ why: expect.stringMatching(/^needs Redis 7\.0/) }])
  })
})

const member = (idleSeconds: number) => ({ name: 'w', pending: 0, idleSeconds, inactiveSeconds: undefined })
const check = (group: Parameters<typeof streamGroup>[0], options = {}) =>
  checkRule(rule, { streams: [streamFacts({ groups: [streamGroup(group)] })] }, options)

test('is silent while anybody reads, or little waits', () => {
  expect(check({ lag: 1000, consumers: 0, members: [] })).toHaveLength(1)
  expect(check({ lag: 999, consumers: 0, members: [] })).toEqual([])
  expect(check({ lag: 0, consumers: 0, members: [] }, { backlog: 0 })).toEqual([])
  expect(check({ lag: 5000, consumers: 2, members: [member(90_000), member(3)] })).toEqual([])
  expect(check({ lag: 5000, consumers: 5000, members: undefined })).toEqual([])
})

test('says whether there is no consumer, or none that is awake', () => {
  expect(check({ lag: 5000, members: [member(3600)] })[0]!.message).toBe(
    '5,000 entries wait and its only consumer has asked for nothing for 1h',
  )
  expect(check({ lag: 5000, consumers: 2, members: [member(3600), member(7200)] })[0]!.message).toBe(
    '5,000 entries wait and all 2 consumers have asked for nothing for 1h',
  )
  expect(check({ lag: 5000, members: [member(3600)] }, { idle: '2h' })).toEqual([])
})

test('passes nothing where the server can not tell', () => {
  expect(blindness(rule, { streams: [streamFacts({ groups: [streamGroup({ lag: undefined })] })] })).toMatchObject({ kind: 'not assessed' })
})

test('is the same finding while the backlog grows', () => {
  const found = [2000, 90_000].flatMap((lag) => check({ lag, consumers: 0, members: [] }))
  expect(found.map(identity)).toEqual(Array(2).fill('group workers of events:<*>'))
})

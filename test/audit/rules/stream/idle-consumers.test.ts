import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/stream/idle-consumers.js'
import { onServer } from '../../../support/live.js'
import { blindness, checkRule, identity, streamFacts, streamGroup } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'
import { streamsOf } from './live-streams.js'

test.each(availableEngines())('%s: consumers that are gone are found, those that are awake are not', async (engine) => {
  await onServer({ engine }, async ({ client, audit }) => {
    await client.call('XGROUP', 'CREATE', 'jobs:1', 'workers', '0', 'MKSTREAM')
    // Without an entry to read, some versions would make no consumer.
    await client.callAll(
      Array.from({ length: 20 }, (_, i) => [
        ['XADD', 'jobs:1', '*', 'n', String(i)],
        ['XREADGROUP', 'GROUP', 'workers', `c${i}`, 'COUNT', '1', 'NOACK', 'STREAMS', 'jobs:1', '>'],
      ]).flat(),
    )
    await sleep(60)
    const result = async (idle: string) => audit(rule, { idle, consumers: 10 }, { streams: await streamsOf(client, ['jobs:1']) })
    expect((await result('1d')).passed).toEqual(['stream/idle-consumers'])
    expect((await result('50ms')).findings).toMatchObject([
      {
        about: 'group workers of jobs:<int>',
        severity: 'note',
        message: '20 of 20 consumers hold nothing and have asked for nothing for 50ms',
        evidence: { idleConsumers: 20, consumers: 20 },
      },
    ])
  })
})

const day = 86_400
const members = (count: number, idleSeconds: number, pending = 0) =>
  Array.from({ length: count }, (_, i) => ({ name: `c${i}`, pending, idleSeconds, inactiveSeconds: undefined }))
const check = (all: ReturnType<typeof members>, options = {}) =>
  checkRule(rule, { streams: [streamFacts({ groups: [streamGroup({ consumers: all.length, members: all })] })] }, options)

test('needs both more than a hundred and a quarter of the group', () => {
  expect(check([...members(101, day), ...members(303, 0)])).toHaveLength(1)
  expect(check(members(100, day))).toEqual([])
  expect(check([...members(101, day), ...members(304, 0)])).toEqual([])
  expect(check([...members(6, 60), ...members(94, 0)], { consumers: 5, share: 0.05, idle: '1m' })).toHaveLength(1)
})

test('counts only those that hold nothing and were silent for long', () => {
  expect(check(members(500, day - 1))).toEqual([])
  expect(check(members(500, day, 1))).toEqual([])
})

test('passes nothing where there were too many consumers to ask', () => {
  const streams = [streamFacts({ groups: [streamGroup({ consumers: 5000, members: undefined })] })]
  expect(blindness(rule, { streams })).toMatchObject({ kind: 'not assessed' })
})

test('is the same finding while they grow', () => {
  expect([...check(members(200, day)), ...check(members(900, day))].map(identity)).toEqual(Array(2).fill('group workers of events:<*>'))
})

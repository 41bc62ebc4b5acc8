import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/stream/dead-consumer.js'
import { asArray, asText } from '#redline/wire/client.js'
import { onServer } from '../../../support/live.js'
import { blindness, checkRule, identity, streamFacts, streamGroup } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'
import { addEntries, streamsOf } from './live-streams.js'

test.each(availableEngines())('%s: a silent consumer that holds entries is found until they are claimed', async (engine) => {
  await onServer({ engine }, async ({ client, audit }) => {
    await client.call('XGROUP', 'CREATE', 'jobs:1', 'workers', '0', 'MKSTREAM')
    await addEntries(client, 'jobs:1', 3)
    await client.call('XREADGROUP', 'GROUP', 'workers', 'dead', 'COUNT', '3', 'STREAMS', 'jobs:1', '>')
    const result = async (idle: string) => audit(rule, { idle }, { streams: await streamsOf(client, ['jobs:1']) })
    expect((await result('1h')).passed).toEqual(['stream/dead-consumer'])
    await sleep(60)
    const { findings } = await result('50ms')
    expect(findings).toMatchObject([{ about: 'group workers of jobs:<int>', severity: 'warning', evidence: { consumers: 1, pending: 3 } }])
    expect(findings[0]!.message).toMatch(/^1 consumer silent for up to \d+ms holds 3 entries$/)
    const entries = asArray(await client.call('XRANGE', 'jobs:1', '-', '+'))
    const ids = entries.map((entry) => asText(asArray(entry)[0]))
    await client.call('XACK', 'jobs:1', 'workers', ...ids)
    expect((await result('50ms')).passed).toEqual(['stream/dead-consumer'])
  })
})

const member = (pending: number, idleSeconds: number, name = 'worker-1') => ({ name, pending, idleSeconds, inactiveSeconds: idleSeconds })
const check = (members: ReturnType<typeof member>[], options = {}) =>
  checkRule(rule, { streams: [streamFacts({ groups: [streamGroup({ consumers: members.length, members })] })] }, options)

test('needs both silence and entries held', () => {
  expect(check([member(1, 3600)])).toMatchObject([{ message: '1 consumer silent for up to 1h holds 1 entry' }])
  expect(check([member(1, 3599)])).toEqual([])
  expect(check([member(0, 90_000)], { pending: 0 })).toEqual([])
  expect(check([member(9, 90_000)], { pending: 10 })).toEqual([])
  expect(check([member(1, 60)], { idle: '1m' })).toHaveLength(1)
})

test('adds up the dead, and says how to take over', () => {
  const [finding] = check([member(5, 4000), member(1200, 90_000, 'old worker'), member(7, 0)])
  expect(finding!.message).toBe('2 consumers silent for up to 25h hold 1,205 entries')
  expect(finding!.commands).toEqual([
    "redis-cli XAUTOCLAIM events:orders workers '<consumer>' 3600000 0 COUNT 100",
    'redis-cli XGROUP DELCONSUMER events:orders workers worker-1',
  ])
})

test('passes nothing where there were too many consumers to ask', () => {
  const streams = [streamFacts({ groups: [streamGroup({ consumers: 5000, members: undefined })] })]
  expect(blindness(rule, { streams })).toEqual({ kind: 'not assessed', why: '1 group with too many consumers to ask about each' })
  expect(blindness(rule, { streams: [streamFacts({ groups: [streamGroup()] })] })).toBeUndefined()
})

test('is the same finding whoever died', () => {
  expect([...check([member(5, 4000)]), ...check([member(9, 9000, 'worker-2')])].map(identity)).toEqual(
    Array(2).fill('group workers of events:<*>'),
  )
})

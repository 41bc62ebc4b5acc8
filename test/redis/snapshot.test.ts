import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseInfo } from '#redline/redis/info.js'
import { deltaOf, disturbanceBetween, takeSnapshot } from '#redline/redis/snapshot.js'
import { serverDeltaSchema } from '#redline/schema/result.js'
import type { Client } from '#redline/wire/client.js'
import { type TestServer, availableEngines, startServer } from '../support/servers.js'
import { connect } from './connect.js'

const counterDelta = serverDeltaSchema.omit({ runQueueShare: true })
const at = (...lines: string[]) => parseInfo(['run_id:one', ...lines].join('\r\n'))
const stats = (...lines: string[]) => ['# Commandstats', ...lines]

describe.each(availableEngines())('%s', (engine) => {
  let server: TestServer
  let client: Client
  beforeAll(async () => {
    server = await startServer({ engine, config: { maxmemory: '64mb' } })
    client = await connect(server.url)
  })
  afterAll(async () => {
    client.close()
    await server.stop()
  })

  test('a delta is what was done in between, and nothing of ours', async () => {
    await client.call('SET', 'before', 'x')
    const before = await takeSnapshot(client)
    await client.callAll([
      ...Array.from({ length: 100 }, (_, i) => ['SET', `key:${i}`, 'x'.repeat(1000)]),
      ...['key:1', 'key:2', 'none'].map((key) => ['GET', key]),
      ['HGET', 'key:1', 'field'],
      ['GET'],
      ['SET', 'short', 'x', 'PX', '1'],
    ])
    await sleep(20)
    await client.call('EXISTS', 'short')
    const after = await takeSnapshot(client)
    const delta = deltaOf(before, after, 2)

    expect(counterDelta.parse(delta)).toEqual(delta)
    const counts = !server.version.startsWith('6.0')
    expect(delta.commands).toMatchObject({
      set: { calls: 101, rejected: 0, failed: 0 },
      get: { calls: 3, rejected: counts ? 1 : 0, failed: 0 },
      hget: { calls: 1, failed: counts ? 1 : 0 },
    })
    expect(Object.keys(delta.commands).toSorted()).toEqual(['exists', 'get', 'hget', 'set'])
    expect(delta.keyspace).toMatchObject({ keys: 101, misses: 2 })
    expect(delta.keyspace.hits).toBeGreaterThanOrEqual(2)
    expect(delta.memory.deltaBytes).toBeGreaterThan(100_000)
    expect(delta.memory.maxBytes).toBe(64 * 1024 ** 2)
    expect(delta.expired).toBe(1)
    expect(delta.network.inBytes).toBeGreaterThan(100_000)
    expect(delta.cpu.share).toBeGreaterThanOrEqual(0)
    expect(delta.cpu.share).toBeLessThan(2)
    expect(disturbanceBetween(before, after)).toBeUndefined()
  })

  test('an INFO of somebody else is counted', async () => {
    const before = await takeSnapshot(client)
    await client.call('INFO')
    const after = await takeSnapshot(client)
    expect(deltaOf(before, after, 1).commands['info']).toMatchObject({ calls: 1 })
  })

  test('a fork is counted', async () => {
    const before = await takeSnapshot(client)
    await client.call('BGSAVE')
    await expect.poll(async () => (await takeSnapshot(client)).fields.get('rdb_bgsave_in_progress')).toBe('0')
    const after = await takeSnapshot(client)
    expect(deltaOf(before, after, 1).forks).toBe(1)
  })

  test('statistics that were reset are noticed, and nothing goes below zero', async () => {
    await client.callAll(Array.from({ length: 50 }, () => ['GET', 'key']))
    const before = await takeSnapshot(client)
    await client.call('CONFIG', 'RESETSTAT')
    await client.callAll(Array.from({ length: 3 }, () => ['GET', 'key']))
    const after = await takeSnapshot(client)
    expect(disturbanceBetween(before, after)).toMatch(/statistics were reset/)
    const delta = deltaOf(before, after, 1)
    expect(counterDelta.parse(delta).commands['get']).toMatchObject({ calls: 3 })
  })
})

test('a restart is noticed', async () => {
  const [first, second] = [await startServer(), await startServer()]
  const [one, two] = [await connect(first.url), await connect(second.url)]
  const snapshots = [await takeSnapshot(one), await takeSnapshot(two)] as const
  expect(disturbanceBetween(...snapshots)).toMatch(/restarted/)
  one.close()
  two.close()
  await Promise.all([first.stop(), second.stop()])
})

test('a reset that has been overtaken since still shows', () => {
  const before = at('total_commands_processed:10', ...stats('cmdstat_info:calls=1,usec=9', 'cmdstat_get:calls=8,usec=9'))
  const after = at('total_commands_processed:900', ...stats('cmdstat_get:calls=800,usec=900'))
  expect(disturbanceBetween(before, after)).toMatch(/reset/)
  const undisturbed = at('total_commands_processed:900', ...stats('cmdstat_info:calls=2,usec=18', 'cmdstat_get:calls=800,usec=900'))
  expect(disturbanceBetween(before, undisturbed)).toBeUndefined()
})

test('the share of a core is that of the main thread where it is told, else of the process', () => {
  const threads = (user: number, main: number) =>
    at(`used_cpu_user:${user}`, 'used_cpu_sys:1', `used_cpu_user_main_thread:${main}`, 'used_cpu_sys_main_thread:0')
  expect(deltaOf(threads(1, 1), threads(7, 2), 2).cpu).toEqual({ userSeconds: 6, systemSeconds: 0, share: 0.5 })
  expect(deltaOf(at('used_cpu_user:1', 'used_cpu_sys:1'), at('used_cpu_user:2', 'used_cpu_sys:2'), 4).cpu.share).toBe(0.5)
})

test('our own INFO costs the mean of all', () => {
  const before = at(...stats('cmdstat_info:calls=5,usec=500'))
  const after = at(...stats('cmdstat_info:calls=9,usec=900'))
  expect(deltaOf(before, after, 1).commands).toEqual({ info: { calls: 3, usec: 300, rejected: 0, failed: 0 } })
})

test('of a server that was started again everything counts from its start', () => {
  const before = at(
    'total_net_input_bytes:500',
    'used_memory:1000',
    'latest_fork_usec:300',
    '# Commandstats',
    'cmdstat_ping:calls=3,usec=90',
  )
  const after = parseInfo(
    [
      'run_id:two',
      'total_net_input_bytes:700',
      'used_memory:900',
      'latest_fork_usec:0',
      '# Commandstats',
      'cmdstat_ping:calls=5,usec=20',
    ].join('\r\n'),
  )
  expect(deltaOf(before, after, 1)).toMatchObject({
    commands: { ping: { calls: 5, usec: 20 } },
    memory: { deltaBytes: -100 },
    network: { inBytes: 700 },
    forks: 0,
  })
})

import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commandStats, numberOf, parseInfo, readInfo, totalKeys } from '#redline/redis/info.js'
import type { Client } from '#redline/wire/client.js'
import { type TestServer, availableEngines, startServer } from '../support/servers.js'
import { connect } from './connect.js'

const TEXT = [
  '# Server',
  'redis_version:6.0.16',
  'executable:/opt/a:b/redis-server',
  'config_file:',
  '',
  '# Stats',
  'keyspace_hits:12',
  '',
  '# Commandstats',
  'cmdstat_get:calls=3,usec=12,usec_per_call=4.00',
  'cmdstat_config|get:calls=2,usec=9,usec_per_call=4.50,rejected_calls=1,failed_calls=4',
  '',
  '# Keyspace',
  'db0:keys=10,expires=0,avg_ttl=0',
  'db11:keys=5,expires=1,avg_ttl=7',
  'db0_distrib_strings_sizes:1=100',
  '',
].join('\r\n')

describe('the text of INFO', () => {
  test('becomes fields and sections; a value may hold colons', () => {
    const info = parseInfo(TEXT)
    expect(info.fields.get('executable')).toBe('/opt/a:b/redis-server')
    expect(info.fields.get('config_file')).toBe('')
    expect([...info.sections.keys()]).toEqual(['server', 'stats', 'commandstats', 'keyspace'])
    expect(info.sections.get('stats')).toEqual(new Map([['keyspace_hits', '12']]))
  })

  test('numbers are those that are there', () => {
    const info = parseInfo(TEXT)
    expect(['keyspace_hits', 'redis_version', 'config_file', 'nothing'].map((name) => numberOf(info, name))).toEqual([
      12,
      undefined,
      undefined,
      undefined,
    ])
  })

  test('what 6.0 does not count of commands is 0', () => {
    expect(commandStats(parseInfo(TEXT))).toEqual(
      new Map([
        ['get', { calls: 3, usec: 12, rejected: 0, failed: 0 }],
        ['config|get', { calls: 2, usec: 9, rejected: 1, failed: 4 }],
      ]),
    )
  })

  test('keys are counted over all databases', () => {
    expect(totalKeys(parseInfo(TEXT))).toBe(15)
    expect(totalKeys(parseInfo(''))).toBe(0)
  })

  test('any text is read without a fault', () => {
    const line = fc.oneof(fc.string(), fc.constantFrom('# Keyspace', '# Commandstats', 'db0:keys=x', 'cmdstat_x:calls=,=,,', ':', '#'))
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const info = parseInfo(lines.join('\n'))
        expect(totalKeys(info)).toBeGreaterThanOrEqual(0)
        expect([...commandStats(info).values()].every(({ calls }) => Number.isFinite(calls))).toBe(true)
      }),
    )
  })
})

describe.each(availableEngines())('%s', (engine) => {
  let server: TestServer
  let client: Client
  beforeAll(async () => {
    server = await startServer({ engine })
    client = await connect(server.url)
  })
  afterAll(async () => {
    client.close()
    await server.stop()
  })

  test('tells what redline reads', async () => {
    await client.callAll([
      ['SET', 'a', 'b'],
      ['LPUSH', 'a', 'x'],
      ['SELECT', 5],
      ['SET', 'c', 'd'],
      ['SELECT', 0],
      ['CONFIG', 'GET', 'maxmemory'],
    ])
    const info = await readInfo(client)
    const stats = commandStats(info)
    expect(stats.get('set')).toMatchObject({ calls: 2, rejected: 0, failed: 0 })
    expect(stats.get('set')!.usec).toBeGreaterThan(0)
    expect(stats.get('lpush')!.failed).toBe(server.version.startsWith('6.0') ? 0 : 1)
    expect(stats.has(server.version.startsWith('6.') ? 'config' : 'config|get')).toBe(true)
    expect(totalKeys(info)).toBe(2)
    for (const name of ['used_memory', 'used_cpu_user', 'total_commands_processed', 'instantaneous_ops_per_sec']) {
      expect(numberOf(info, name)).toBeGreaterThanOrEqual(0)
    }
  })
})

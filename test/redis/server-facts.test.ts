import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseInfo } from '#redline/redis/info.js'
import { factsOf, readConfig, readServer } from '#redline/redis/server-facts.js'
import type { Client } from '#redline/wire/client.js'
import { type TestServer, availableEngines, startServer } from '../support/servers.js'
import { connect } from './connect.js'

const facts = (...lines: string[]) => factsOf(parseInfo(lines.join('\r\n')))

describe.each(availableEngines())('%s', (engine) => {
  let server: TestServer
  let client: Client
  beforeAll(async () => {
    server = await startServer({ engine, config: { maxmemory: '64mb', 'maxmemory-policy': 'allkeys-lru' } })
    client = await connect(server.url)
  })
  afterAll(async () => {
    client.close()
    await server.stop()
  })

  test('is recognized, with its own version', async () => {
    await client.call('SET', 'key', 'value')
    const facts = await readServer(client)
    expect(facts).toMatchObject({
      engine: server.engine,
      version: server.version,
      topology: 'standalone',
      role: 'master',
      loading: false,
      maxmemoryBytes: 64 * 1024 ** 2,
      maxmemoryPolicy: 'allkeys-lru',
      keys: 1,
      processId: expect.any(Number),
    })
    expect(facts.usedMemoryBytes).toBeGreaterThan(100_000)
    expect(facts.runId).toMatch(/^[0-9a-f]{40}$/)
  })

  test('tells the parameters that it has', async () => {
    const reading = await readConfig(client, ['maxmemory', 'io-threads', 'no-such-parameter'])
    expect(reading).toEqual({ values: { maxmemory: String(64 * 1024 ** 2), 'io-threads': '1' }, refused: false })
  })

  test('that keeps its configuration to itself says so', async () => {
    await client.call('ACL', 'SETUSER', 'guest', 'on', '>pw', '~*', '+@all', '-config')
    const guest = await connect(`redis://guest:pw@127.0.0.1:${server.port}`)
    expect(await readConfig(guest, ['maxmemory', 'io-threads'])).toEqual({ values: {}, refused: true })
    guest.close()
  })

  test('as a replica', async () => {
    await client.call('REPLICAOF', '127.0.0.1', '1')
    expect(await readServer(client)).toMatchObject({ role: 'replica' })
    await client.call('REPLICAOF', 'NO', 'ONE')
    expect(await readServer(client)).toMatchObject({ role: 'master' })
  })
})

test.each(availableEngines())('%s as a cluster', async (engine) => {
  const server = await startServer({ engine, config: { 'cluster-enabled': 'yes' } })
  const client = await connect(server.url)
  expect(await readServer(client)).toMatchObject({ topology: 'cluster' })
  client.close()
  await server.stop()
})

test('a service that took CONFIG away refuses too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'redline-facts-'))
  writeFileSync(join(folder, 'extra.conf'), 'rename-command CONFIG ""\n')
  const server = await startServer({ config: { include: join(folder, 'extra.conf') } })
  const client = await connect(server.url)
  expect(await readConfig(client, ['maxmemory'])).toEqual({ values: {}, refused: true })
  client.close()
  await server.stop()
  rmSync(folder, { recursive: true })
})

test('Valkey is told by its own fields, sentinels and loading servers by theirs', () => {
  expect(facts('redis_version:7.2.4', 'server_name:valkey', 'valkey_version:8.1.1', 'server_mode:cluster')).toMatchObject({
    engine: 'valkey',
    version: '8.1.1',
    topology: 'cluster',
  })
  expect(facts('redis_version:7.2.4')).toMatchObject({ engine: 'redis', version: '7.2.4', topology: 'standalone' })
  expect(facts('redis_version:7.2.4', 'redis_mode:sentinel')).toMatchObject({ topology: 'sentinel' })
  expect(facts('role:slave', 'loading:1')).toMatchObject({ role: 'replica', loading: true })
  expect(facts('async_loading:1')).toMatchObject({ loading: true, version: 'unknown' })
})

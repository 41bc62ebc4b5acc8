import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { InterruptedError, SafetyError } from '#redline/core/errors.js'
import { clean, isProcessAlive, keyOf, removeKeys, scanAndRemove } from '#redline/redis/cleanup.js'
import { commandStats, readInfo } from '#redline/redis/info.js'
import { type KeyDomain, type Manifest, listManifests, writeManifest } from '#redline/redis/manifest.js'
import { type Client, asNumber } from '#redline/wire/client.js'
import { type TestServer, availableEngines, startServer } from '../support/servers.js'
import { connect } from './connect.js'

const prefix = 'redline:ab12cd34:'
const users: KeyDomain = { template: `${prefix}user:{i}`, count: 2345, width: 4 }
const orders: KeyDomain = { template: `${prefix}{i}:order`, count: 10, width: 0 }
const foreign = ['user:0001', 'redline:ab12cd35:user:0001', 'redline:ab12cd34', 'xredline:ab12cd34:user:0001', 'redline:ab12cd34\n:x']
const keysOf = (domain: KeyDomain) => Array.from({ length: domain.count }, (_, i) => keyOf(domain, i))
const never = () => ({ signal: new AbortController().signal })

let server: TestServer
let client: Client
beforeAll(async () => {
  server = await startServer()
  client = await connect(server.url)
})
afterAll(async () => {
  client.close()
  await server.stop()
})
beforeEach(async () => {
  await client.callAll([['FLUSHALL'], ['CONFIG', 'RESETSTAT']])
})

const write = (keys: string[]) => client.callAll(keys.map((key) => ['SET', key, 'x']))
const size = async () => asNumber(await client.call('DBSIZE'))
const calls = async (name: string) => commandStats(await readInfo(client)).get(name)?.calls ?? 0

test('keys are numbered with leading zeros', () => {
  expect([0, 7, 2344].map((i) => keyOf(users, i))).toEqual(['0000', '0007', '2344'].map((i) => `${prefix}user:${i}`))
  expect(keyOf({ template: 'a{i}b{i}', count: 1, width: 1 }, 3)).toBe('a3b3')
})

describe('removing the keys of a run', () => {
  test('counts through its domains when they are fewer than the keys of the database', async () => {
    await write([...keysOf(users), ...keysOf(orders), ...foreign])
    const progress: number[] = []
    const removed = await removeKeys(client, { prefix, domains: [users, orders] }, { ...never(), onProgress: (n) => progress.push(n) })
    expect(removed).toBe(2355)
    expect(await size()).toBe(foreign.length)
    expect(progress).toEqual([500, 1000, 1500, 2000, 2345, 2355])
    expect([await calls('scan'), await calls('unlink')]).toEqual([0, 6])
  })

  test('scans when the domains are more than the keys of the database', async () => {
    await write([...keysOf(users).slice(0, 5), ...foreign])
    expect(await removeKeys(client, { prefix, domains: [users] }, never())).toBe(5)
    expect(await size()).toBe(foreign.length)
    expect(await calls('scan')).toBe(1)
  })

  test('scans when there are no domains', async () => {
    await write([...keysOf(users), ...foreign])
    expect(await removeKeys(client, { prefix, domains: [] }, never())).toBe(2345)
    expect(await size()).toBe(foreign.length)
  })

  test('leaves everything alone when the prefix or a domain is not a run’s', async () => {
    await write(foreign)
    await expect(removeKeys(client, { prefix: 'user:', domains: [] }, never())).rejects.toBeInstanceOf(SafetyError)
    await expect(scanAndRemove(client, '', never())).rejects.toBeInstanceOf(SafetyError)
    const stray = { template: 'user:{i}', count: 2, width: 4 }
    await expect(removeKeys(client, { prefix, domains: [users, stray] }, never())).rejects.toBeInstanceOf(SafetyError)
    expect(await size()).toBe(foreign.length)
  })

  test.each(['enumerating', 'scanning'])('stops between two batches when interrupted, %s', async (how) => {
    await write([...keysOf(users), ...foreign])
    const controller = new AbortController()
    const options = { signal: controller.signal, onProgress: () => controller.abort(new InterruptedError()) }
    const domains = how === 'scanning' ? [] : [users]
    await expect(removeKeys(client, { prefix, domains }, options)).rejects.toBeInstanceOf(InterruptedError)
    expect(await size()).toBeGreaterThan(foreign.length)
    expect(await size()).toBeLessThan(2345 + foreign.length)
  })
})

test.each(availableEngines())('%s: every type of key goes, however it was written', async (engine) => {
  const other = await startServer({ engine })
  const theirs = await connect(other.url)
  await theirs.callAll([
    ['SET', `${prefix}string`, 'x'],
    ['HSET', `${prefix}hash`, 'f', 'x'],
    ['RPUSH', `${prefix}list*`, 'x'],
    ['SADD', Buffer.concat([Buffer.from(prefix), Buffer.from([0, 255, 10])]), 'x'],
    ['ZADD', `${prefix}[zset]`, 1, 'x'],
    ['XADD', `${prefix}stream`, '*', 'f', 'x'],
    ['SET', 'redline:other', 'x'],
  ])
  expect(await scanAndRemove(theirs, prefix, never())).toBe(6)
  expect(await theirs.call('DBSIZE')).toBe(1)
  theirs.close()
  await other.stop()
})

describe('cleaning up after crashed runs', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'redline-clean-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const run = (id: string, pid: number, more: Partial<Manifest> = {}): Manifest => ({
    id,
    address: server.url,
    prefix: `redline:${id}:`,
    startedAt: '2026-11-23T04:00:00.000Z',
    pid,
    domains: [],
    ...more,
  })

  test('removes what the dead left, leaves the living and other servers alone', async () => {
    const elsewhere = run('cccccccc', 1, { address: 'redis://elsewhere:6379' })
    const living = run('bbbbbbbb', 2)
    for (const manifest of [run('aaaaaaaa', 1), living, elsewhere]) await writeManifest(folder, manifest)
    await write(['redline:aaaaaaaa:1', 'redline:aaaaaaaa:2', 'redline:bbbbbbbb:1', 'redline:cccccccc:1'])

    const cleaned = await clean(client, folder, { ...never(), isAlive: (pid) => pid === 2 })
    expect(cleaned).toMatchObject([
      { id: 'aaaaaaaa', outcome: 'removed', keys: 2, pid: 1 },
      { id: 'bbbbbbbb', outcome: 'alive', keys: 0, pid: 2 },
    ])
    expect(await size()).toBe(2)
    expect((await listManifests(folder)).manifests).toEqual(expect.arrayContaining([living, elsewhere]))
    expect((await listManifests(folder)).manifests).toHaveLength(2)
  })

  test('remembers a run whose keys could not all be removed', async () => {
    const dead = run('aaaaaaaa', 1)
    await writeManifest(folder, dead)
    await write(['redline:aaaaaaaa:1'])
    await client.call('ACL', 'SETUSER', 'guest', 'on', '>pw', '~*', '+@all', '-unlink')
    const guest = await connect(`redis://guest:pw@127.0.0.1:${server.port}`)
    await expect(clean(guest, folder, { ...never(), isAlive: () => false })).rejects.toThrow(/answered UNLINK with NOPERM/)
    guest.close()
    expect((await listManifests(folder)).manifests).toEqual([dead])
  })
})

test('a process is alive while it runs', () => {
  expect(isProcessAlive(process.pid)).toBe(true)
  expect(isProcessAlive(1)).toBe(true)
  expect(isProcessAlive(2 ** 22 + 1)).toBe(false)
})

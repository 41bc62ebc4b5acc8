import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { ConnectionError, InterruptedError } from '#redline/core/errors.js'
import { commandStats, readInfo } from '#redline/redis/info.js'
import { type IoredisLink, type IoredisLinkOptions, openIoredis } from '#redline/redis/ioredis-link.js'
import { parseAddress } from '#redline/wire/address.js'
import { CommandError } from '#redline/wire/client.js'
import { type TestServer, availableEngines, startServer } from '../support/servers.js'
import { connect } from './connect.js'

/** A label longer than DNS allows: refused here, without asking a name server that may not answer. */
const noSuchHost = `${'x'.repeat(64)}.invalid`

const cleanups: (() => unknown)[] = []
const warnings = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'error')]
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
  // ioredis reports some failures on the console only.
  if (warnings.some((warning) => warning.mock.calls.length > 0)) throw new Error('something was said on the console')
})

async function open(url: string, more: Partial<IoredisLinkOptions> = {}): Promise<IoredisLink> {
  const link = await openIoredis(parseAddress(url, {}), { protocol: 2, timeoutMs: 5000, signal: new AbortController().signal, ...more })
  cleanups.push(() => link.close())
  return link
}

async function failureOf(url: string, more: Partial<IoredisLinkOptions> = {}): Promise<string> {
  const error: unknown = await open(url, more).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ConnectionError)
  expect(error).toMatchObject({ hint: expect.any(String) })
  return error instanceof Error ? error.message : ''
}

describe.each(availableEngines())('%s', (engine) => {
  let server: TestServer
  let secured: TestServer
  beforeAll(async () => {
    server = await startServer({ engine })
    secured = await startServer({ engine, config: { requirepass: 'SECRET' } })
  })
  afterAll(async () => {
    await server.stop()
    await secured.stop()
  })

  test.each([2, 3] as const)('sends commands one by one and in pipelines, protocol %i', async (protocol) => {
    const link = await open(`${server.url}/4`, { protocol })
    expect(await link.send(['SET', Buffer.from('key'), 'välue'])).toBe('OK')
    const replies = link.sendMany([
      ['GET', 'key'],
      ['LPUSH', 'key', 'x'],
      [Buffer.from('STRLEN'), 'key'],
    ])
    expect(await Promise.allSettled(replies)).toMatchObject([
      { status: 'fulfilled', value: 'välue' },
      { status: 'rejected', reason: { reply: { code: 'WRONGTYPE' } } },
      { status: 'fulfilled', value: 6 },
    ])
    expect(await Promise.all(link.sendMany([['GET', 'key']]))).toEqual(['välue'])
    expect(link.sendMany([])).toEqual([])
    await expect(link.send(['LPUSH', 'key', 'SECRET'])).rejects.toThrow(CommandError)
    await expect(link.send(['LPUSH', 'key', 'SECRET'])).rejects.not.toThrow(/SECRET/)
    expect(await (await open(server.url)).send(['EXISTS', 'key'])).toBe(0)
  })

  test('sends nothing but what logging in takes', async () => {
    const client = await connect(server.url)
    await client.call('CONFIG', 'RESETSTAT')
    await open(server.url)
    await open(`${server.url}/2`)
    await open(server.url, { protocol: 3 })
    const stats = [...commandStats(await readInfo(client))].map(([name, { calls }]) => `${name} ${calls}`)
    expect(stats.filter((stat) => !stat.startsWith('config')).toSorted()).toEqual(['hello 2', 'ping 1', 'select 1'])
    client.close()
  })

  test.each([2, 3] as const)('logs in, or says why not, protocol %i', async (protocol) => {
    const at = (login: string) => `redis://${login}127.0.0.1:${secured.port}`
    expect(await (await open(at(':SECRET@'), { protocol })).send(['ECHO', 'x'])).toBe('x')
    expect(await (await open(at('default:SECRET@'), { protocol })).send(['ECHO', 'x'])).toBe('x')
    expect(await failureOf(at(':WRONG@'), { protocol })).toBe(`${secured.url} does not accept this user and password`)
    expect(await failureOf(at(''), { protocol })).toBe(`${secured.url} asks for a password`)
    expect(await failureOf(`${at(':SECRET@')}/99`, { protocol })).toBe(`${secured.url}/99 has no such database`)
  })

  test('a password where none is set', async () => {
    expect(await failureOf(`redis://:x@127.0.0.1:${server.port}`)).toBe(`${server.url} has no password, and one was given`)
  })

  test('a full server', async () => {
    const full = await startServer({ engine })
    cleanups.push(() => full.stop())
    const client = await connect(full.url)
    await client.call('CONFIG', 'SET', 'maxclients', '1')
    for (const protocol of [2, 3] as const) {
      expect(await failureOf(full.url, { protocol })).toBe(`${full.url} has no room for another client`)
    }
    client.close()
  })

  test('a server that dies fails all that wait and all that come', async () => {
    const dying = await startServer({ engine })
    const link = await open(dying.url)
    const waiting = Promise.allSettled([
      link.send(['BLPOP', 'none', '0']),
      ...link.sendMany([
        ['GET', 'a'],
        ['GET', 'b'],
      ]),
    ])
    await dying.stop()
    for (const outcome of await waiting) {
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { name: 'ConnectionError', message: expect.stringContaining(dying.url) },
      })
    }
    await expect(link.send(['PING'])).rejects.toThrow(ConnectionError)
    for (const reply of link.sendMany([['PING'], ['PING']])) await expect(reply).rejects.toThrow(ConnectionError)
  })
})

test('nobody there, nobody who answers, and an abort', async () => {
  const silent = createServer((socket) => cleanups.push(() => socket.destroy())).listen(0, '127.0.0.1')
  cleanups.push(() => silent.close())
  await once(silent, 'listening')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of a server that listens on TCP
  const { port } = silent.address() as AddressInfo
  const url = `redis://127.0.0.1:${port}`
  for (const protocol of [2, 3] as const) {
    expect(await failureOf(url, { protocol, timeoutMs: 50 })).toBe(`${url} took the connection and did not answer within 50ms`)
  }
  expect(await failureOf(`rediss://127.0.0.1:${port}`, { timeoutMs: 50 })).toContain('did not answer the TLS handshake within 50ms')
  expect(await failureOf(noSuchHost)).toContain('has a host name that was not found')

  const controller = new AbortController()
  const opening = open(url, { signal: controller.signal })
  controller.abort(new InterruptedError())
  await expect(opening).rejects.toBeInstanceOf(InterruptedError)
  await expect(open(url, { signal: controller.signal })).rejects.toBeInstanceOf(InterruptedError)

  silent.close()
  for (const cleanup of cleanups.splice(0)) cleanup()
  expect(await failureOf(url)).toBe(`${url} refused the connection`)
})

test('a closed link says that it was closed here', async () => {
  const server = await startServer()
  cleanups.push(() => server.stop())
  const link = await open(server.url)
  const waiting = link.send(['BLPOP', 'none', '0'])
  link.close()
  await expect(waiting).rejects.toThrow(/disconnected before it had answered/)
  await expect(link.send(['PING'])).rejects.toThrow(/disconnected before it had answered/)
})

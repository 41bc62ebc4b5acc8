import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConnectionError, InputError } from '#redline/core/errors.js'
import { keyPositions } from '#redline/redis/keys.js'
import type { Client } from '#redline/wire/client.js'
import { type TestServer, availableEngines, startServer } from '../support/servers.js'
import { connect } from './connect.js'

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

  test.each([
    ['GET a', [1]],
    ['get a', [1]],
    ['MSET a 1 b 2 c 3', [1, 3, 5]],
    ['BLPOP a b 0', [1, 2]],
    ['OBJECT ENCODING a', [2]],
    ['object encoding a', [2]],
    ['XGROUP CREATE a g $ MKSTREAM', [2]],
    ['XREADGROUP GROUP g c COUNT 1 STREAMS a b > >', [7, 8]],
    ['XREAD STREAMS STREAMS 0', [2]],
    ['MEMORY USAGE a', [2]],
    ['EVAL s 2 a b c', [3, 4]],
    ['EVAL s 1 a a', [3]],
    ['EVAL a 1 a a', [3]],
    ['EVAL 1 1 1 1', [3]],
    ['EVAL s 0', []],
    ['SORT a BY nosort STORE a', [1, 5]],
    ['ZUNIONSTORE d 2 a d WEIGHTS 1 2', [1, 3, 4]],
    ['ZUNIONSTORE 2 2 2 a WEIGHTS 2 2', [1, 3, 4]],
    ['BITOP AND d a a', [2, 3, 4]],
    ['GEORADIUS a 1 2 3 km STORE a', [1, 7]],
    ['PING', []],
    ['GET', []],
    ['PUBLISH a b', []],
    ['CONFIG SET maxmemory 0', []],
  ])('the keys of %s', async (line, keys) => {
    const facts = await keyPositions(client, line.split(' '))
    expect(facts).toMatchObject({ keys, known: true })
  })

  test.each([
    ['GET a', {}],
    ['SET a b', { write: true }],
    ['BLPOP a 0', { write: true, blocking: true }],
    ['EVAL s 1 a', { write: true }],
    ['FLUSHALL', { write: true, dangerous: true }],
    ['KEYS *', { dangerous: true }],
    ['CONFIG SET maxmemory 0', { admin: true, dangerous: true }],
    ['PUBLISH a b', {}],
  ])('what %s may do', async (line, expected) => {
    const { keys: _, ...facts } = await keyPositions(client, line.split(' '))
    expect(facts).toEqual({ write: false, dangerous: false, admin: false, blocking: false, known: true, ...expected })
  })

  test('a command that the server does not have is not known', async () => {
    expect(await keyPositions(client, ['NOSUCH', 'a'])).toMatchObject({ known: false })
    expect(await keyPositions(client, [''])).toMatchObject({ known: false })
    expect(await keyPositions(client, [])).toMatchObject({ known: false })
  })

  test('keys may be any bytes', async () => {
    const key = Buffer.from([0, 255, 13, 10, 124])
    expect(await keyPositions(client, ['GET', key])).toMatchObject({ keys: [1] })
    expect(await keyPositions(client, ['EVAL', 's', '1', key, key])).toMatchObject({ keys: [3] })
  })

  test('a wrong number of arguments is the mistake of who wrote them', async () => {
    await expect(keyPositions(client, ['EVAL', 's'])).rejects.toThrow(InputError)
  })

  test('the same with protocol 3', async () => {
    const resp3 = await connect(server.url, { protocol: 3 })
    expect(await keyPositions(resp3, ['EVAL', 's', '1', 'a', 'a'])).toMatchObject({ keys: [3], write: true })
    resp3.close()
  })

  test('a user who may not ask is told so', async () => {
    await client.call('ACL', 'SETUSER', 'guest', 'on', '>pw', '~*', '+@all', '-command')
    const guest = await connect(`redis://guest:pw@127.0.0.1:${server.port}`)
    const error: unknown = await keyPositions(guest, ['GET', 'a']).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ConnectionError)
    expect(error).toMatchObject({ message: expect.stringContaining('NOPERM'), hint: expect.stringContaining('+command') })
    guest.close()
  })
})

test('a subcommand that does not exist is not known, where the server lists them', async () => {
  const server = await startServer()
  const client = await connect(server.url)
  const listsThem = !server.version.startsWith('6.')
  expect((await keyPositions(client, ['CONFIG', 'NOSUCH'])).known).toBe(!listsThem)
  expect((await keyPositions(client, ['CONFIG'])).known).toBe(!listsThem)
  client.close()
  await server.stop()
})

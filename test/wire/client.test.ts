import { once } from 'node:events'
import { type AddressInfo, type Socket, createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ConnectionError } from '#redline/core/errors.js'
import { parseAddress } from '#redline/wire/address.js'
import { Client, type ClientOptions, CommandError, asArray, asMap, asNumber, asText } from '#redline/wire/client.js'
import { type Reply, ReplyError } from '#redline/wire/decoder.js'
import { type TestServer, startServer } from '../support/servers.js'

const cleanups: (() => unknown)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0).toReversed()) cleanup()
})

async function open(url: string, more: Partial<ClientOptions> = {}): Promise<Client> {
  const options = { protocol: 2 as const, timeoutMs: 5000, signal: new AbortController().signal, ...more }
  const client = await Client.open(parseAddress(url, {}), options)
  cleanups.push(() => client.close())
  return client
}

/** A server of the test's own that answers its first request, a PING, and then does `then`. */
async function scripted(then: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    cleanups.push(() => socket.destroy())
    socket.once('data', () => {
      socket.write('+PONG\r\n')
      socket.once('data', () => then(socket))
    })
  }).listen(0, '127.0.0.1')
  cleanups.push(() => server.close())
  await once(server, 'listening')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of a server that listens on TCP
  return `redis://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('calls', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server.stop())

  test.each([2, 3] as const)('are answered in order, whatever their size, protocol %i', async (protocol) => {
    const client = await open(server.url, { protocol })
    const sizes = [0, 1, 200_000, 3, 70_000, 5]
    const replies = await Promise.all(sizes.map((size) => client.call('ECHO', 'x'.repeat(size))))
    expect(replies.map((reply) => asText(reply).length)).toEqual(sizes)
  })

  test('ten thousand at once', async () => {
    const client = await open(server.url)
    const replies = await client.callAll(Array.from({ length: 10_000 }, (_, i) => ['ECHO', i]))
    expect(replies.map((reply) => asNumber(reply))).toEqual(Array.from({ length: 10_000 }, (_, i) => i))
    expect(await client.callAll([])).toEqual([])
  })

  test('an error reply rejects its own call, without the arguments', async () => {
    const client = await open(server.url)
    const [failed, fine] = await Promise.allSettled([client.call('HGET', 'SECRET'), client.call('PING')])
    expect(fine).toEqual({ status: 'fulfilled', value: 'PONG' })
    const error = failed.status === 'rejected' ? failed.reason : undefined
    expect(error).toBeInstanceOf(CommandError)
    expect(error).toMatchObject({
      message: `${server.url} answered HGET with ERR wrong number of arguments for 'hget' command`,
      reply: { code: 'ERR' },
    })
    expect(String(error)).not.toContain('SECRET')
  })

  test('an unknown command is named, without the arguments that the server repeats', async () => {
    const client = await open(server.url)
    await expect(client.call('NOSUCH', 'SECRET')).rejects.toThrow(/answered NOSUCH with ERR unknown command .NOSUCH.$/)
  })

  test('callAll gives errors as replies', async () => {
    const client = await open(server.url)
    const replies = await client.callAll([
      ['SET', 'key', 'text'],
      ['LPUSH', 'key', 'x'],
      ['GET', Buffer.from('key')],
    ])
    expect(replies).toEqual(['OK', expect.any(ReplyError), Buffer.from('text')])
    expect(replies[1]).toMatchObject({ code: 'WRONGTYPE' })
  })

  test('pushes are delivered beside the replies', async () => {
    const pushes: Reply[][] = []
    const client = await open(server.url, { protocol: 3, onPush: (message) => pushes.push(message) })
    await client.callAll([
      ['CLIENT', 'TRACKING', 'ON'],
      ['GET', 'watched'],
    ])
    expect(await client.call('SET', 'watched', 'new')).toBe('OK')
    expect(await client.call('GET', 'watched')).toEqual(Buffer.from('new'))
    expect(pushes).toEqual([[Buffer.from('invalidate'), [Buffer.from('watched')]]])
  })

  test('a user without the permission is told which command', async () => {
    const admin = await open(server.url)
    await admin.call('ACL', 'SETUSER', 'reader', 'on', '>pw', '+ping')
    const reader = await open(`redis://reader:pw@127.0.0.1:${server.port}`)
    const error: unknown = await reader.call('CONFIG', 'GET', 'maxmemory').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ reply: { code: 'NOPERM' }, hint: expect.stringContaining('ACL') })
  })
})

describe('the end of the connection', () => {
  test('rejects all that wait, and all that come, with the target and the reason', async () => {
    const server = await startServer()
    cleanups.push(() => server.stop())
    const client = await open(server.url)
    const waiting = [client.call('BLPOP', 'nothing', 0), client.call('PING'), client.callAll([['PING'], ['PING']])]
    const outcomes = Promise.allSettled(waiting)
    await server.stop()
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining(server.url) } })
    }
    await expect(client.call('PING')).rejects.toBeInstanceOf(ConnectionError)
  })

  test('close rejects what waits', async () => {
    const client = await open(await scripted(() => undefined))
    const waiting = client.call('PING')
    client.close()
    await expect(waiting).rejects.toThrow(/disconnected before it had answered/)
    client.close()
    await expect(client.call('PING')).rejects.toBeInstanceOf(ConnectionError)
  })

  test('a reply that nobody asked for is the end', async () => {
    const client = await open(await scripted((socket) => socket.write('+PONG\r\n+WHAT\r\n')))
    await client.call('PING')
    await expect(client.call('PING')).rejects.toThrow(/can't be read: a reply to nothing/)
  })

  test('bytes that are no RESP are the end', async () => {
    const client = await open(await scripted((socket) => socket.write('\x1b[31mboo')))
    await expect(client.call('PING')).rejects.toThrow(/can't be read: .*begins with "\\x1b\[31mboo"/)
  })

  test('in the middle of a reply rejects the call', async () => {
    const client = await open(await scripted((socket) => socket.end('$10\r\nabc')))
    await expect(client.call('PING')).rejects.toThrow(/closed the connection/)
  })
})

describe('a reply that is late', () => {
  test('ends the connection and names the command', async () => {
    const client = await open(await scripted(() => undefined), { replyTimeoutMs: 50 })
    await expect(client.call('GET', 'SECRET')).rejects.toThrow(/did not answer GET within 50ms$/)
    await expect(client.call('PING')).rejects.toThrow(/did not answer GET/)
  })

  test('is not one that is still arriving', async () => {
    const url = await scripted((socket) => {
      socket.write('$5\r\n')
      let sent = 0
      const timer = setInterval(() => {
        socket.write('x')
        if (++sent < 5) return
        clearInterval(timer)
        socket.write('\r\n')
      }, 100)
      cleanups.push(() => clearInterval(timer))
    })
    const client = await open(url, { replyTimeoutMs: 400 })
    expect(await client.call('PING')).toEqual(Buffer.from('xxxxx'))
  })

  test('no clock runs while nothing is asked', async () => {
    const url = await scripted((socket) => {
      socket.write('+PONG\r\n')
      socket.on('data', () => socket.write('+PONG\r\n'))
    })
    const client = await open(url, { replyTimeoutMs: 40 })
    await client.call('PING')
    await new Promise((resolve) => setTimeout(resolve, 120))
    expect(await client.call('PING')).toBe('PONG')
  })
})

describe('reading replies', () => {
  test('as text', () => {
    expect(['a', Buffer.from('ä'), 5, 5n, true].map((reply) => asText(reply))).toEqual(['a', 'ä', '5', '5', 'true'])
    expect(() => asText(null)).toThrow(/answered null where text/)
    expect(() => asText([])).toThrow(/answered an array where text/)
    expect(() => asText(new ReplyError('ERR \x1b'))).toThrow(/answered the error ERR \\x1b where/)
  })

  test('as a number', () => {
    expect([5, 5n, '5', Buffer.from('5.5'), Infinity].map((reply) => asNumber(reply))).toEqual([5, 5, 5, 5.5, Infinity])
    for (const reply of ['', 'x', null, [], undefined]) expect(() => asNumber(reply)).toThrow(ConnectionError)
  })

  test('as an array and as a map, of either protocol', () => {
    const pairs = new Map<string, Reply>([
      ['a', 1],
      ['b', ['x']],
    ])
    expect(asArray([1])).toEqual([1])
    expect(() => asArray(new Map())).toThrow(/answered a map where an array/)
    expect(asMap(['a', 1, Buffer.from('b'), ['x']])).toEqual(pairs)
    expect(
      asMap(
        new Map<Reply, Reply>([
          ['a', 1],
          [Buffer.from('b'), ['x']],
        ]),
      ),
    ).toEqual(pairs)
    expect(() => asMap('x')).toThrow(ConnectionError)
  })
})

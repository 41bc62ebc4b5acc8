import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ConnectionError, InterruptedError } from '#redline/core/errors.js'
import { type Address, displayAddress, parseAddress } from '#redline/wire/address.js'
import { type ConnectOptions, Connection } from '#redline/wire/connection.js'
import { encodeCommand } from '#redline/wire/encode.js'
import { type TestServer, availableEngines, startServer } from '../support/servers.js'
import { makeCertificate } from './certificates.js'

const folder = mkdtempSync(join(tmpdir(), 'redline-connection-'))
const authority = makeCertificate({ name: 'test authority' })
const certificate = makeCertificate({ name: 'test server', issuer: authority, dnsNames: ['localhost'], addresses: ['127.0.0.1'] })
const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const tlsConfig = {
  'tls-ca-cert-file': file('ca.pem', authority.certPem),
  'tls-cert-file': file('server.pem', certificate.certPem),
  'tls-key-file': file('server.key', certificate.keyPem),
}
afterAll(() => rmSync(folder, { recursive: true }))

/** A label longer than DNS allows: refused here, without asking a name server that may not answer. */
const noSuchHost = `${'x'.repeat(64)}.invalid`

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

function options(more: Partial<ConnectOptions> = {}): ConnectOptions {
  return { protocol: 2, timeoutMs: 5000, signal: new AbortController().signal, ...more }
}

async function open(address: string | Address, more: Partial<ConnectOptions> = {}): Promise<Connection> {
  const connection = await Connection.open(typeof address === 'string' ? parseAddress(address, {}) : address, options(more))
  cleanups.push(() => connection.destroy())
  return connection
}

/** What opening fails with. */
async function failureOf(address: string | Address, more: Partial<ConnectOptions> = {}): Promise<ConnectionError> {
  try {
    await open(address, more)
  } catch (error) {
    if (error instanceof ConnectionError) return error
    throw error
  }
  throw new Error('it opened')
}

/** Sends a command and gives the bytes of the answer, up to one that ends in `end`. */
function ask(connection: Connection, args: string[], end = '\r\n'): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    connection.onBytes = (buffer, length) => {
      said += Buffer.from(buffer.subarray(0, length)).toString()
      if (said.endsWith(end)) resolve(said)
    }
    connection.onClose = (error) => reject(error ?? new Error('closed'))
    connection.write(encodeCommand(args))
  })
}

/** A server of the test's own, for what a real one can't be brought to say. */
async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return portOf(server)
}

function portOf(server: Server): number {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of a server that listens on TCP
  return (server.address() as AddressInfo).port
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server)
  server.close()
  await once(server, 'close')
  return port
}

async function start(config: Record<string, string>, engine?: string): Promise<TestServer> {
  const server = await startServer(engine === undefined ? { config } : { engine, config })
  cleanups.push(() => server.stop())
  return server
}

describe.each(availableEngines())('%s', (engine) => {
  let server: TestServer
  let tlsPort: number
  const unixPath = join(folder, `${engine}.sock`)
  beforeAll(async () => {
    tlsPort = await freePort()
    const config = { unixsocket: unixPath, 'tls-port': String(tlsPort), 'tls-auth-clients': 'no', ...tlsConfig }
    server = await startServer({ engine, config })
  })
  afterAll(() => server.stop())

  test.each([2, 3] as const)('opens over TCP, TLS and a unix socket, protocol %i', async (protocol) => {
    const secure = parseAddress(`rediss://localhost:${tlsPort}/3`, {})
    const trusting: Address = { ...secure, tls: { rejectUnauthorized: true, ca: authority.certPem } }
    for (const address of [`${server.url}/3`, trusting, `unix://${unixPath}?db=3`]) {
      const connection = await open(address, { protocol })
      expect(await ask(connection, ['SET', 'key', 'value'])).toBe('+OK\r\n')
      // The null of the protocol that was asked for.
      expect(await ask(connection, ['GET', 'none'])).toBe(protocol === 3 ? '_\r\n' : '$-1\r\n')
    }
    const elsewhere = await open(server.url, { protocol })
    expect(await ask(elsewhere, ['EXISTS', 'key'])).toBe(':0\r\n')
  })

  test('sends nothing but what logging in takes', async () => {
    const asked = await open(server.url)
    await ask(asked, ['CONFIG', 'RESETSTAT'])
    await open(server.url)
    await open(server.url, { protocol: 3 })
    await open(`${server.url}/2`)
    const stats = await ask(asked, ['INFO', 'commandstats'])
    const names = [...stats.matchAll(/cmdstat_([^:]+):calls=(\d+)/g)].map(([, name, calls]) => `${name} ${calls}`)
    expect(names.filter((name) => !name.startsWith('config')).toSorted()).toEqual(['hello 1', 'ping 1', 'select 1'])
  })

  test('a name is given when asked for', async () => {
    expect(await ask(await open(server.url, { name: 'redline' }), ['CLIENT', 'GETNAME'])).toBe('$7\r\nredline\r\n')
  })

  test('speaking plainly to its TLS port', async () => {
    const error = await failureOf(`127.0.0.1:${tlsPort}`)
    expect(error.message).toBe(`redis://127.0.0.1:${tlsPort} closed the connection at once`)
    expect(error.hint).toContain('write rediss:// instead of redis://')
  })

  test('speaking TLS to its plain port', async () => {
    const error = await failureOf(`rediss://127.0.0.1:${server.port}`, { timeoutMs: 300 })
    expect(error.message).toBe(`rediss://127.0.0.1:${server.port} did not answer the TLS handshake within 300ms`)
    expect(error.hint).toContain('write redis:// instead of rediss://')
  })

  test('a certificate that nobody here trusts', async () => {
    const error = await failureOf(`rediss://127.0.0.1:${tlsPort}`)
    expect(error.message).toContain('does not trust')
    expect(error.hint).toContain('NODE_EXTRA_CA_CERTS')
    const careless: Address = { ...parseAddress(`rediss://127.0.0.1:${tlsPort}`, {}), tls: { rejectUnauthorized: false } }
    expect(await ask(await open(careless), ['ECHO', 'x'])).toBe('$1\r\nx\r\n')
  })

  test('a database that does not exist', async () => {
    const error = await failureOf(`${server.url}/99`)
    expect(error.message).toBe(`${server.url}/99 has no such database`)
  })

  test('a password where none is set', async () => {
    const error = await failureOf(`redis://:SECRET@127.0.0.1:${server.port}`)
    expect(error.message).toBe(`${server.url} has no password, and one was given`)
    expect(error.hint).toContain('REDISCLI_AUTH')
  })
})

describe.each(availableEngines())('%s with a password', (engine) => {
  let server: TestServer
  let withPassword: string
  beforeAll(async () => {
    server = await startServer({ engine, config: { requirepass: 'SECRET' } })
    withPassword = `redis://:SECRET@127.0.0.1:${server.port}`
  })
  afterAll(() => server.stop())

  test.each([2, 3] as const)('logs in, protocol %i', async (protocol) => {
    expect(await ask(await open(withPassword, { protocol }), ['ECHO', 'x'])).toBe('$1\r\nx\r\n')
    const named = withPassword.replace(':SECRET', 'default:SECRET')
    expect(await ask(await open(named, { protocol }), ['ECHO', 'x'])).toBe('$1\r\nx\r\n')
  })

  test.each([2, 3] as const)('asks for a password that is not given, protocol %i', async (protocol) => {
    const error = await failureOf(server.url, { protocol })
    expect(error.message).toBe(`${server.url} asks for a password`)
    expect(error.hint).toContain('REDISCLI_AUTH')
  })

  test.each([2, 3] as const)('refuses a wrong password, protocol %i, without its being shown', async (protocol) => {
    const error = await failureOf(`redis://:WRONG@127.0.0.1:${server.port}`, { protocol })
    expect(error.message).toBe(`${server.url} does not accept this user and password`)
    expect(`${error.message} ${error.hint} ${String(error.cause)}`).not.toContain('WRONG')
  })

  test('has no room for another client', async () => {
    await ask(await open(withPassword), ['CONFIG', 'SET', 'maxclients', '1'])
    for (const protocol of [2, 3] as const) {
      const error = await failureOf(withPassword, { protocol })
      expect(error.message).toBe(`${server.url} has no room for another client`)
      expect(error.hint).toContain('maxclients')
    }
  })
})

describe('a real server', () => {
  test('that wants a client certificate', async () => {
    const port = await freePort()
    await start({ 'tls-port': String(port), 'tls-auth-clients': 'yes', ...tlsConfig })
    const trusting: Address = {
      ...parseAddress(`rediss://localhost:${port}`, {}),
      tls: { rejectUnauthorized: true, ca: authority.certPem },
    }
    const error = await failureOf(trusting)
    expect(error.message).toContain('refused us for want of a client certificate')
    const own = makeCertificate({ name: 'test client', issuer: authority })
    const known: Address = { ...trusting, tls: { ...trusting.tls!, cert: own.certPem, key: own.keyPem } }
    expect(await ask(await open(known), ['ECHO', 'x'])).toBe('$1\r\nx\r\n')
  })

  test('that does not know HELLO', async () => {
    const server = await start({ include: file('no-hello.conf', 'rename-command HELLO ""\n') })
    const error = await failureOf(server.url, { protocol: 3 })
    expect(error.message).toBe(`${server.url} does not speak RESP3`)
    await expect(open(server.url, { protocol: 2 })).resolves.toBeInstanceOf(Connection)
  })

  test('that does not know AUTH, and repeats the password in saying so', async () => {
    const server = await start({ include: file('no-auth.conf', 'rename-command AUTH ""\nrename-command HELLO ""\n') })
    for (const protocol of [2, 3] as const) {
      const error = await failureOf(`redis://default:SECRET@127.0.0.1:${server.port}`, { protocol })
      expect(error.message).toMatch(protocol === 2 ? /refused us: ERR unknown command .AUTH.$/ : /does not speak RESP3/)
      expect(`${error.message} ${error.hint} ${String(error.cause)}`).not.toContain('SECRET')
    }
  })

  test('whose user may not PING', async () => {
    const server = await start({})
    await ask(await open(server.url), ['ACL', 'SETUSER', 'default', '-ping'])
    expect(await ask(await open(server.url), ['ECHO', 'x'])).toBe('$1\r\nx\r\n')
  })

  test('whose user may not name its connection', async () => {
    const server = await start({})
    expect((await failureOf(server.url, { name: 'a name of words' })).message).toMatch(/refused us: /)
    await ask(await open(server.url), ['ACL', 'SETUSER', 'default', '-client'])
    expect(await ask(await open(server.url, { name: 'me' }), ['ECHO', 'x'])).toBe('$1\r\nx\r\n')
  })

  test('a user without a password', async () => {
    const server = await start({})
    await ask(await open(server.url), ['ACL', 'SETUSER', 'guest', 'on', 'nopass', '+@all'])
    const address: Address = { ...parseAddress(server.url, {}), username: 'guest' }
    for (const protocol of [2, 3] as const) {
      expect(await ask(await open(address, { protocol }), ['ACL', 'WHOAMI'])).toBe('$5\r\nguest\r\n')
    }
  })

  test('a cluster has only database 0', async () => {
    const server = await start({ 'cluster-enabled': 'yes' }, 'redis@7.0')
    expect((await failureOf(`${server.url}/1`)).message).toContain('is a cluster, which has only database 0')
  })

  test('that dies tells why the connection ended, also to who asks afterwards', async () => {
    const server = await start({})
    const connection = await open(server.url)
    const reason = new Promise((resolve) => (connection.onClose = resolve))
    await server.stop()
    expect(await reason).toBeInstanceOf(ConnectionError)
    let told: unknown = 'nothing'
    connection.onClose = (error) => (told = error)
    expect(told).toBe(await reason)
    connection.write(encodeCommand(['PING']))
    expect(String(told)).toContain(server.url)
  })

  test('that is left ends without a reason', async () => {
    const server = await start({})
    const connection = await open(server.url)
    const reason = new Promise((resolve) => (connection.onClose = resolve))
    connection.destroy()
    expect(await reason).toBeUndefined()
  })

  test('two connections share a buffer, and each hears only its own', async () => {
    const server = await start({})
    const readBuffer = new Uint8Array(16)
    const [one, two] = [await open(server.url, { readBuffer }), await open(server.url, { readBuffer })]
    const texts = ['a'.repeat(1000), 'b'.repeat(1000)]
    const [first, second] = await Promise.all([ask(one, ['ECHO', texts[0]!], 'a\r\n'), ask(two, ['ECHO', texts[1]!], 'b\r\n')])
    expect([first, second]).toEqual(texts.map((text) => `$1000\r\n${text}\r\n`))
  })

  test('idle tells when bytes that were written may be changed', async () => {
    const server = await start({ 'proto-max-bulk-len': '512mb' })
    const connection = await open(server.url)
    expect(connection.idle).toBe(true)
    const big = encodeCommand(['SET', 'key', Buffer.alloc(32 * 1024 ** 2)])
    const answer = ask(connection, ['PING'])
    connection.write(big)
    expect(connection.idle).toBe(false)
    expect(await answer).toMatch(/PONG/)
    expect(await ask(connection, ['STRLEN', 'key'], `${32 * 1024 ** 2}\r\n`)).toContain(`:${32 * 1024 ** 2}`)
    expect(connection.idle).toBe(true)
  })
})

describe('no server', () => {
  test('a port where nothing listens', async () => {
    const port = await freePort()
    for (const host of ['127.0.0.1', 'localhost']) {
      const error = await failureOf(`${host}:${port}`)
      expect(error.message).toBe(`redis://${host}:${port} refused the connection`)
      expect(error.hint).toBeTruthy()
    }
  })

  test('a host that does not exist', async () => {
    expect((await failureOf(noSuchHost)).message).toContain('has a host name that was not found')
  })

  test('a socket that does not exist, and a file that is none', async () => {
    expect((await failureOf(`unix://${folder}/none.sock`)).message).toBe(`unix://${folder}/none.sock does not exist`)
    const path = file('plain.txt', '')
    chmodSync(path, 0o600)
    expect((await failureOf(`unix://${path}`)).message).toMatch(/refused the connection|is not a socket/)
  })

  test('one that takes the connection and stays silent', async () => {
    const port = await listen(createServer())
    const error = await failureOf(`127.0.0.1:${port}`, { timeoutMs: 100 })
    expect(error.message).toBe(`redis://127.0.0.1:${port} took the connection and did not answer within 100ms`)
  })

  test('one that answers the first command only', async () => {
    const port = await listen(createServer((socket) => socket.once('data', () => socket.write('+OK\r\n'))))
    const error = await failureOf(`redis://:x@127.0.0.1:${port}/1`, { timeoutMs: 100 })
    expect(error.message).toContain('did not answer within 100ms')
  })

  test('one that closes at once', async () => {
    const port = await listen(createServer((socket) => socket.destroy()))
    expect((await failureOf(`127.0.0.1:${port}`)).message).toBe(`redis://127.0.0.1:${port} closed the connection at once`)
  })

  test('a web server, whose words are shown escaped', async () => {
    const port = await listen(createHttpServer((_, response) => response.end('hello')))
    const error = await failureOf(`127.0.0.1:${port}`)
    expect(error.message).toMatch(/^redis:\/\/127\.0\.0\.1:\d+ is not a Redis or Valkey; it said "HTTP\/1\.1 400 Bad Request\\r\\n/)
  })

  test('one with hostile words', async () => {
    const port = await listen(createServer((socket) => socket.end('\x1b[2J\x07 220 mail ready\r\n')))
    const error = await failureOf(`127.0.0.1:${port}`)
    expect(error.message).toContain('it said "\\x1b[2J\\x07 220 mail ready\\r\\n"')
  })

  test.each([
    ['-LOADING Redis is loading the dataset in memory', 'is still loading its data'],
    ['-DENIED Redis is running in protected mode because protected mode is enabled', 'is in protected mode'],
    ['-ERR invalid password', 'does not accept this user and password'],
    ['-MASTERDOWN Link with MASTER is down', 'refused us: MASTERDOWN Link with MASTER is down'],
    ['-EVIL \x1b[31m', 'refused us: EVIL \\x1b[31m'],
  ])('a server that says %j', async (line, expected) => {
    const port = await listen(createServer((socket) => socket.write(`${line}\r\n`)))
    const error = await failureOf(`127.0.0.1:${port}`)
    expect(error.message).toContain(expected)
    expect(error.hint).toBeTruthy()
  })

  test('a certificate for another host, and one that has expired', async () => {
    const other = makeCertificate({ name: 'other', issuer: authority, dnsNames: ['elsewhere.example'] })
    const old = makeCertificate({
      name: 'old',
      issuer: authority,
      dnsNames: ['localhost'],
      validFrom: new Date('2020-01-01'),
      validTo: new Date('2021-01-01'),
    })
    for (const [theirs, expected] of [
      [other, 'for another host name'],
      [old, 'not valid today'],
    ] as const) {
      const port = await listen(createTlsServer({ cert: theirs.certPem, key: theirs.keyPem }))
      const address = { ...parseAddress(`rediss://localhost:${port}`, {}), tls: { rejectUnauthorized: true, ca: authority.certPem } }
      expect((await failureOf(address)).message).toContain(expected)
    }
  })

  test('an impostor behind TLS never sees the password', async () => {
    let heard = ''
    const impostor = makeCertificate({ name: 'impostor', dnsNames: ['localhost'] })
    const port = await listen(
      createTlsServer({ cert: impostor.certPem, key: impostor.keyPem }, (socket) => {
        socket.on('data', (bytes: Buffer) => (heard += bytes.toString()))
        socket.on('error', () => undefined)
      }),
    )
    const error = await failureOf(`rediss://:SECRET@localhost:${port}`)
    expect(error.message).toContain('does not trust')
    expect(heard).toBe('')
  })
})

describe('giving up', () => {
  test('an abort ends opening with the reason of the signal', async () => {
    const controller = new AbortController()
    const port = await listen(createServer(() => controller.abort(new InterruptedError())))
    await expect(open(`127.0.0.1:${port}`, { signal: controller.signal })).rejects.toBeInstanceOf(InterruptedError)
    await expect(open(`127.0.0.1:${port}`, { signal: controller.signal })).rejects.toBeInstanceOf(InterruptedError)
  })

  test('what failed to open is closed on this side too', async () => {
    let ended: Promise<unknown> = Promise.reject(new Error('nobody came'))
    ended.catch(() => undefined)
    const port = await listen(
      createServer((socket) => {
        ended = once(socket.resume(), 'close')
      }),
    )
    await failureOf(`127.0.0.1:${port}`, { timeoutMs: 50 })
    await expect(ended).resolves.toEqual([false])
  })

  test('an address in an error has no credentials', async () => {
    const address = parseAddress(`redis://USER:SECRET@127.0.0.1:${await freePort()}`, {})
    const error = await failureOf(address)
    expect(error.message).toContain(displayAddress(address))
    expect(`${error.message} ${error.hint} ${error.stack} ${String(error.cause)}`).not.toMatch(/USER|SECRET/)
  })
})

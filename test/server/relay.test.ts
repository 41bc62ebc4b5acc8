import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { acquireServer } from '#redline/server/acquire.js'
import type { ServerAddress } from '#redline/server/provider.js'
import { type Relay, startRelay } from '#redline/server/relay.js'
import { startServer } from '../support/servers.js'
import { ask } from './world.js'

const MB = 1024 * 1024

async function relayTo(upstream: ServerAddress, delayMs: number, signal = new AbortController().signal): Promise<Relay> {
  const relay = await startRelay({ upstream, delayMs, signal })
  onTestFinished(() => relay.stop())
  return relay
}

/** A server of our own that does this with each connection. */
async function upstream(serve: (socket: Socket) => void): Promise<{ host: string; port: number }> {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    serve(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has this kind of address
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
}

const echo = (socket: Socket) => void socket.pipe(socket)

function open(address: { host: string; port: number }, allowHalfOpen = false): Socket {
  const socket = connect({ ...address, allowHalfOpen, noDelay: true })
  onTestFinished(() => void socket.destroy())
  return socket
}

/** Waits until a connection is over, whether it was closed or reset. */
function ended(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(true))
    socket.resume()
  })
}

/** Median round trip of one byte, in milliseconds. */
async function roundTrip(address: { host: string; port: number }, times: number): Promise<number> {
  const socket = open(address)
  await once(socket, 'connect')
  const took: number[] = []
  for (let i = 0; i < times; i++) {
    const sent = performance.now()
    socket.write('x')
    await once(socket, 'data')
    took.push(performance.now() - sent)
  }
  return took.toSorted((a, b) => a - b)[times >> 1]!
}

describe('a relay', () => {
  test('passes every byte on in its order, in both directions of several connections at once', async () => {
    const relay = await relayTo(await upstream(echo), 1)
    const exchange = async () => {
      const sent = randomBytes(5 * MB)
      const socket = open(relay.address, true)
      const received = createHash('sha256')
      socket.on('data', (bytes) => received.update(bytes))
      // In pieces of every size, so that pieces are joined and split on the way.
      for (let at = 0, size = 1; at < sent.length; at += size, size = (size * 3) % 65_521) socket.write(sent.subarray(at, at + size))
      socket.end()
      await once(socket, 'end')
      expect(received.digest('hex')).toBe(createHash('sha256').update(sent).digest('hex'))
    }
    await Promise.all([exchange(), exchange(), exchange()])
  })

  test('adds its delay to a round trip, and says how much it has really added', async () => {
    const there = await upstream(echo)
    const relay = await relayTo(there, 20)
    const direct = await roundTrip(there, 20)
    const delayed = await roundTrip(relay.address, 20)
    const held = await relay.measured()
    // A busy machine only ever makes it longer. The release is moved by at most half a hold to meet the median.
    expect(delayed - direct).toBeGreaterThan(10)
    expect(held!.holdP50Ms).toBeGreaterThan(15)
    expect(held!.holdP50Ms).toBeLessThan(delayed)
    expect(held!.holdP99Ms).toBeGreaterThanOrEqual(held!.holdP50Ms)
  })

  test('measures anew after a reset, and nothing when nothing came back', async () => {
    const relay = await relayTo(await upstream(echo), 2)
    expect(await relay.measured()).toBeUndefined()
    const silent = open(relay.address)
    silent.end()
    await ended(silent)
    expect(await relay.measured()).toBeUndefined()
    await roundTrip(relay.address, 3)
    expect(await relay.measured()).toBeDefined()
    await relay.reset()
    expect(await relay.measured()).toBeUndefined()
  })

  test('makes a sender wait when the other side does not read', async () => {
    const relay = await relayTo(await upstream((socket) => socket.pause()), 1)
    const socket = open(relay.address)
    let taken = 0
    const fill = () => {
      while (taken < 256 * MB && socket.write(Buffer.alloc(MB))) taken += MB
    }
    socket.on('drain', () => {
      taken += MB
      fill()
    })
    await once(socket, 'connect')
    fill()
    // Its own bound is 4 MiB; the rest is what the kernel keeps for the four sockets on the way.
    for (let before = -1; before !== taken; await sleep(300)) before = taken
    expect(taken).toBeGreaterThan(MB)
    expect(taken).toBeLessThan(64 * MB)
  })

  test('goes on when the other side reads again', async () => {
    let received = 0
    const there = await upstream((socket) => {
      socket.pause()
      setTimeout(() => socket.resume(), 200)
      socket.on('data', (bytes) => (received += bytes.length))
      socket.on('end', () => socket.end('all'))
    })
    const socket = open((await relayTo(there, 1)).address)
    socket.end(Buffer.alloc(32 * MB))
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toBe('all')
    expect(received).toBe(32 * MB)
  })

  test('passes on the end of one direction while the other goes on', async () => {
    const there = await upstream((socket) => {
      socket.on('end', () => {
        socket.write('after ')
        setTimeout(() => socket.end('the end'), 50)
      })
      socket.resume()
    })
    const socket = open((await relayTo(there, 2)).address, true)
    socket.end('question')
    let answer = ''
    socket.on('data', (bytes) => (answer += bytes.toString()))
    await once(socket, 'end')
    expect(answer).toBe('after the end')
  })

  test('closes a connection whose upstream does not answer, and one whose upstream breaks', async () => {
    const nowhere = await upstream(() => undefined)
    const refused = open((await relayTo({ ...nowhere, port: 1 }, 1)).address)
    expect(await ended(refused)).toBe(true)

    const broken = open((await relayTo(await upstream((socket) => socket.on('data', () => socket.resetAndDestroy())), 1)).address)
    broken.write('x')
    expect(await ended(broken)).toBe(true)
  })

  test('cuts its connections when it is stopped or aborted', async () => {
    const interruption = new AbortController()
    const there = await upstream(echo)
    const stopped = await relayTo(there, 1)
    const aborted = await relayTo(there, 1, interruption.signal)
    const sockets = [stopped, aborted].map((relay) => open(relay.address))
    await Promise.all(sockets.map((socket) => once(socket, 'connect')))
    const cut = sockets.map(ended)
    interruption.abort()
    await stopped.stop()
    expect(await Promise.all(cut)).toEqual([true, true])
    await expect(stopped.measured()).rejects.toThrow('the relay was stopped')
    await expect(aborted.measured()).rejects.toThrow('the relay was stopped')
  })

  test('does not start when it is aborted already', async () => {
    const reason = new Error('interrupted')
    await expect(startRelay({ upstream: { path: '/nowhere' }, delayMs: 1, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

test('a real server is reached through a relay, over TCP and over a unix socket', async () => {
  const server = await startServer()
  onTestFinished(() => server.stop())
  expect(await ask((await relayTo({ host: server.host, port: server.port }, 1)).address, 'PING')).toBe('+PONG\r\n')

  const context = { env: process.env, signal: new AbortController().signal, onProgress: () => undefined }
  const local = await acquireServer({ listen: 'unix' }, context)
  onTestFinished(() => local.stop())
  expect(await ask((await relayTo(local.address, 1)).address, 'PING')).toBe('+PONG\r\n')
})

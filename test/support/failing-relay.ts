import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** What becomes of a network that fails: it cuts what there is and is back at once, stays away, or swallows everything without a word. */
export type Failure = 'cut' | 'gone' | 'silent'

/** A port that leads to a server until so many bytes have come back over all connections together. */
export interface FailingRelay {
  url: string
  /** Bytes that came back from the server so far. */
  readonly bytes: number
  /** Fails now. */
  fail(): void
  stop(): void
}

/** `afterBytes`: when it fails, Infinity for never. Connections after a cut are never cut. */
export async function startFailingRelay(
  upstream: { port: number },
  { afterBytes = Infinity, failure = 'cut' }: { afterBytes?: number; failure?: Failure } = {},
): Promise<FailingRelay> {
  const sockets = new Set<Socket>()
  let bytes = 0
  let failed = false

  const fail = () => {
    failed = true
    if (failure === 'gone') server.close()
    if (failure !== 'silent') for (const socket of sockets) socket.destroy()
  }
  const server = createServer((near) => {
    const far = connect(upstream.port, '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        near.destroy()
        far.destroy()
        sockets.delete(socket)
      })
    }
    const isSilent = () => failed && failure === 'silent'
    near.on('data', (chunk) => isSilent() || far.write(chunk))
    far.on('data', (chunk) => {
      if (isSilent()) return
      const passed = failed ? chunk : chunk.subarray(0, Math.max(0, afterBytes - bytes))
      bytes += passed.length
      if (passed.length === chunk.length) near.write(passed)
      else near.write(passed, fail)
    })
    if (afterBytes <= 0 && !failed) fail()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `redis://127.0.0.1:${address.port}`,
    get bytes() {
      return bytes
    },
    fail,
    stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

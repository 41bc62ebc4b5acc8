import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A port that leads to a server until so many bytes have come back over a connection; then the connection is cut, in the middle. */
export interface CuttingRelay {
  url: string
  /** Connections that were taken. */
  readonly connections: number
  stop(): void
}

/**
 * `cuts`: after how many bytes from the server each connection is cut, in their order; those beyond are never cut. `upstreams`: where each
 * leads, the last of them for all that follow.
 */
export async function startCuttingRelay(upstreams: readonly { port: number }[], cuts: readonly number[]): Promise<CuttingRelay> {
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((near) => {
    const index = connections++
    const far = connect(upstreams[Math.min(index, upstreams.length - 1)]!.port, '127.0.0.1')
    let left = cuts[index] ?? Infinity
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        near.destroy()
        far.destroy()
        sockets.delete(socket)
      })
    }
    near.on('data', (bytes) => far.write(bytes))
    far.on('data', (bytes) => {
      const passed = bytes.subarray(0, left)
      left -= passed.length
      near.write(passed, () => left === 0 && near.destroy())
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `redis://127.0.0.1:${address.port}`,
    get connections() {
      return connections
    },
    stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

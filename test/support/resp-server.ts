import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'

/** A server of a few lines that answers every request with +OK after a delay of its own choosing; knows nothing of Redis. */
export interface RespServer {
  port: number
  url: string
  /** Everything that each connection sent, in the order of accepting. */
  received: Buffer[][]
  /** Milliseconds from the arrival of each request to the writing of its reply, as the server saw it. */
  delays: number[]
  stop(): Promise<void>
}

export interface RespServerOptions {
  /** Milliseconds until the reply; 0 by default. Each connection's replies keep their order. */
  delayMs?: () => number
  /** Keep what is received. */
  keep?: boolean
}

/** Replies are due at a time that setTimeout meets only within a millisecond: the rest is spun. */
const SPIN_MS = 2

/** What a connection says to find out whether it is welcome; answered at once, and no part of the load. */
const PING = Buffer.from('*1\r\n$4\r\nPING\r\n')

export async function startRespServer({ delayMs = () => 0, keep = false }: RespServerOptions = {}): Promise<RespServer> {
  const received: Buffer[][] = []
  const delays: number[] = []
  const sockets = new Set<Socket>()
  const due = new DueReplies((delay) => delays.push(delay))

  const server = createServer((socket) => {
    const chunks: Buffer[] = []
    received.push(chunks)
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    const count = requestCounter()
    socket.on('data', (bytes: Buffer) => {
      if (bytes.equals(PING)) {
        socket.write('+PONG\r\n')
        return
      }
      if (keep) chunks.push(Buffer.from(bytes))
      const now = performance.now()
      for (let n = count(bytes); n > 0; n--) due.add(now, now + delayMs(), socket)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    url: `redis://127.0.0.1:${address.port}`,
    received,
    delays,
    async stop() {
      due.stop()
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Counts requests (`*N` and N bulks) in a stream of bytes, independently of the code under test. */
function requestCounter(): (bytes: Buffer) => number {
  let rest: Buffer = Buffer.alloc(0)
  return (bytes) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes])
    let at = 0
    let requests = 0
    for (;;) {
      const end = requestEnd(rest, at)
      if (end < 0) break
      at = end
      requests++
    }
    rest = Buffer.from(rest.subarray(at))
    return requests
  }
}

function requestEnd(bytes: Buffer, from: number): number {
  let lineEnd = bytes.indexOf('\r\n', from)
  if (lineEnd < 0) return -1
  let at = lineEnd + 2
  for (let args = Number(bytes.toString('latin1', from + 1, lineEnd)); args > 0; args--) {
    lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return -1
    at = lineEnd + 2 + Number(bytes.toString('latin1', at + 1, lineEnd)) + 2
    if (at > bytes.length) return -1
  }
  return at
}

interface Due {
  from: number
  at: number
  socket: Socket
}

/** Replies by their due time, in a binary heap, sent on time to a few microseconds. */
class DueReplies {
  readonly #heap: Due[] = []
  readonly #onReply: (delayMs: number) => void
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined
  #stopped = false

  constructor(onReply: (delayMs: number) => void) {
    this.#onReply = onReply
  }

  add(from: number, at: number, socket: Socket): void {
    const heap = this.#heap
    let i = heap.push({ from, at, socket }) - 1
    for (let parent = (i - 1) >> 1; i > 0 && heap[parent]!.at > heap[i]!.at; parent = (i - 1) >> 1) {
      ;[heap[parent], heap[i]] = [heap[i]!, heap[parent]!]
      i = parent
    }
    this.#schedule()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
  }

  #schedule(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
    const first = this.#heap[0]
    if (!first || this.#stopped) return
    const wait = first.at - performance.now()
    if (wait > SPIN_MS) this.#timer = setTimeout(() => this.#run(), wait - SPIN_MS)
    else this.#immediate = setImmediate(() => this.#run())
  }

  #run(): void {
    for (let now = performance.now(); this.#heap.length > 0 && this.#heap[0]!.at <= now; now = performance.now()) {
      const { from, socket } = this.#take()
      this.#onReply(now - from)
      socket.write('+OK\r\n')
    }
    this.#schedule()
  }

  #take(): Due {
    const heap = this.#heap
    const first = heap[0]!
    const last = heap.pop()!
    if (heap.length === 0) return first
    heap[0] = last
    for (let i = 0; ;) {
      const left = 2 * i + 1
      const child = left + 1 < heap.length && heap[left + 1]!.at < heap[left]!.at ? left + 1 : left
      if (child >= heap.length || heap[i]!.at <= heap[child]!.at) return first
      ;[heap[i], heap[child]] = [heap[child]!, heap[i]!]
      i = child
    }
  }
}

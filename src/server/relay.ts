import { Worker } from 'node:worker_threads'
import type { ServerAddress } from './provider.js'

/** How long the relay has really held what passed through it, as a round trip: a request and the reply that followed it. */
export interface Hold {
  holdP50Ms: number
  holdP99Ms: number
}

/** A port that leads to a server as if it were some way off. */
export interface Relay {
  address: { host: string; port: number }
  /** Forgets what was measured so far, so that a warm-up does not count. */
  reset(): Promise<void>
  /** What was measured since the start or the last reset; undefined when nothing came back through the relay. */
  measured(): Promise<Hold | undefined>
  /** Cuts all connections and ends the relay. */
  stop(): Promise<void>
}

export interface RelayOptions {
  /** Where connections lead. */
  upstream: ServerAddress
  /** Round trip that is added, half of it in each direction. */
  delayMs: number
  /** Stops the relay. */
  signal: AbortSignal
}

/** What the relay's thread is started with. */
export type RelayOrder = Pick<RelayOptions, 'upstream' | 'delayMs'>
/** What its thread is asked; it answers both with `held`. */
export type RelayQuestion = 'reset' | 'measured'
export type RelayAnswer = { kind: 'listening'; port: number } | { kind: 'held'; count: number; p50Us: number; p99Us: number }

/**
 * Starts a relay on a free port of 127.0.0.1, in a thread of its own. It keeps the order of bytes, and holds at most
 * 4 MiB in each direction of a connection before the sender has to wait. A connection whose upstream refuses is closed.
 * Throws the signal's reason when aborted.
 */
export async function startRelay({ upstream, delayMs, signal }: RelayOptions): Promise<Relay> {
  signal.throwIfAborted()
  const thread = new RelayThread({ upstream, delayMs })
  const onAbort = () => void thread.stop()
  signal.addEventListener('abort', onAbort, { once: true })
  const port = await thread.port.catch((error: unknown) => {
    signal.throwIfAborted()
    throw error
  })
  return {
    address: { host: '127.0.0.1', port },
    async reset() {
      await thread.ask('reset')
    },
    async measured() {
      const { count, p50Us, p99Us } = await thread.ask('measured')
      return count === 0 ? undefined : { holdP50Ms: p50Us / 1000, holdP99Ms: p99Us / 1000 }
    },
    async stop() {
      signal.removeEventListener('abort', onAbort)
      await thread.stop()
    },
  }
}

type Held = Extract<RelayAnswer, { kind: 'held' }>

/** The thread and what is asked of it, which it answers in turn. */
class RelayThread {
  /** Where it listens. */
  readonly port: Promise<number>
  readonly #worker: Worker
  readonly #waiting: { resolve: (answer: Held) => void; reject: (error: Error) => void }[] = []
  #ended: Error | undefined

  constructor(order: RelayOrder) {
    this.#worker = new Worker(new URL('relay-worker.js', import.meta.url), { workerData: order })
    this.port = new Promise((resolve, reject) => {
      this.#worker.on('message', (answer: RelayAnswer) => {
        if (answer.kind === 'listening') resolve(answer.port)
        else this.#waiting.shift()?.resolve(answer)
      })
      this.#worker.on('error', (error) => (this.#ended ??= error))
      this.#worker.on('exit', () => {
        this.#ended ??= new Error('the relay was stopped')
        reject(this.#ended)
        for (const { reject } of this.#waiting.splice(0)) reject(this.#ended)
      })
    })
  }

  ask(question: RelayQuestion): Promise<Held> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended)
      this.#waiting.push({ resolve, reject })
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- the port of a thread has no origin
      this.#worker.postMessage(question)
    })
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }
}

import { Worker } from 'node:worker_threads'
import { ConnectionError } from '../../core/errors.js'
import type { Address } from '../../wire/address.js'
import type { ConnectOptions } from '../../wire/connection.js'
import type { OnNews } from './probe.js'
import type { ProbeNews, ProbeOrder } from './probe-messages.js'

/** How a probe connects. */
export type ProbeOptions = Omit<ConnectOptions, 'readBuffer'>

/** The probes of all servers of an audit, in one thread. */
export class ProbeThread {
  readonly #worker = new Worker(new URL('probe-worker.js', import.meta.url))
  readonly #listeners = new Map<number, OnNews>()
  #next = 0
  #ended: string | undefined

  constructor() {
    this.#worker.on('message', (news: ProbeNews) => this.#listeners.get(news.server)?.(news))
    this.#worker.on('error', (error) => (this.#ended ??= error.message))
    this.#worker.on('exit', () => {
      // Nobody waits for news that will not come.
      this.#ended ??= 'the thread of the probes ended'
      for (const [server, listener] of this.#listeners) listener({ kind: 'failed', server, message: this.#ended, hint: undefined })
    })
  }

  /**
   * Connects to a server and probes it until `close`, whose promise resolves after the last news. `onNews` takes what it tells, and
   * `failed` when the thread has ended. Without `pings` only the counters are read. Throws ConnectionError, or the signal's reason.
   */
  async open(address: Address, options: ProbeOptions, pings: boolean, onNews: OnNews): Promise<{ close(): Promise<void> }> {
    const { protocol, timeoutMs, name, signal } = options
    signal.throwIfAborted()
    const server = this.#next++
    const abort = () => this.#listeners.get(server)?.({ kind: 'failed', server, message: 'interrupted', hint: undefined })
    signal.addEventListener('abort', abort, { once: true })
    try {
      const opened = this.#answer(server, 'opened', onNews)
      this.#post({ kind: 'open', server, address, options: { protocol, timeoutMs, name }, pings })
      await opened
    } catch (error) {
      this.#post({ kind: 'close', server })
      this.#listeners.delete(server)
      signal.throwIfAborted()
      throw error
    } finally {
      signal.removeEventListener('abort', abort)
    }
    return { close: () => this.#close(server, onNews) }
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }

  async #close(server: number, onNews: OnNews): Promise<void> {
    try {
      const closed = this.#answer(server, 'closed', onNews)
      this.#post({ kind: 'close', server })
      await closed
    } catch {
      // A thread that has ended has closed everything.
    }
    this.#listeners.delete(server)
  }

  /** Waits for one kind of news of a server; what else it tells goes to `onNews`, then and later. */
  #answer(server: number, kind: ProbeNews['kind'], onNews: OnNews): Promise<void> {
    return new Promise((resolve, reject) => {
      const listener = (news: ProbeNews) => {
        if (news.kind === kind) return resolve()
        if (news.kind === 'failed') reject(new ConnectionError(news.message, news.hint === undefined ? {} : { hint: news.hint }))
        onNews(news)
      }
      this.#listeners.set(server, listener)
      if (this.#ended !== undefined) listener({ kind: 'failed', server, message: this.#ended, hint: undefined })
    })
  }

  #post(order: ProbeOrder): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- the port of a thread has no origin
    this.#worker.postMessage(order)
  }
}

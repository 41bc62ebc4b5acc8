import { systemClock } from '../../core/clock.js'
import { RedlineError, messageOf } from '../../core/errors.js'
import { type Info, readInfo } from '../../redis/info.js'
import { disturbanceBetween } from '../../redis/snapshot.js'
import type { WatchSample } from '../../schema/watch.js'
import type { Address } from '../../wire/address.js'
import { Client } from '../../wire/client.js'
import { ratesOf, stateOf } from './sample.js'

export interface WatchOptions {
  everyMs: number
  /** How long to watch; until the signal by default. */
  forMs?: number
  /** Ends the watch, quietly. */
  signal: AbortSignal
  /** Time for connecting, and for each reply; five seconds by default. */
  timeoutMs?: number
}

const TIMEOUT_MS = 5000

/** The last reading that a sample can be compared with. */
interface Reading {
  info: Info
  /** systemClock.now() */
  at: number
}

/**
 * Watches a server with one INFO a tick: a sample at once, then one every `everyMs`, at whole multiples from the start. A server that
 * can't be asked is told of in the sample, and asked again at the next tick over a new connection. Throws ConnectionError when it can't
 * be reached at the start, CommandError when INFO is refused.
 */
export async function* watch(address: Address, options: WatchOptions): AsyncGenerator<WatchSample> {
  const { everyMs, forMs = Infinity, signal } = options
  const start = systemClock.now()
  const connection = new WatchConnection(address, options)
  const onAbort = () => connection.close()
  signal.addEventListener('abort', onAbort)
  try {
    await connection.open()
    let before: Reading | undefined
    for (let tick = 0; !signal.aborted;) {
      const { sample, reading } = await readSample(connection, before, tick === 0)
      if (signal.aborted) return
      before = reading
      yield sample
      // A tick that passed while the server was slow, or the reader, is left out.
      tick = Math.max(tick + 1, Math.floor((systemClock.now() - start) / everyMs))
      if (tick * everyMs > forMs) return
      await until(start + tick * everyMs, signal)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
    connection.close()
  }
}

async function readSample(
  connection: WatchConnection,
  before: Reading | undefined,
  first: boolean,
): Promise<{ sample: WatchSample; reading: Reading | undefined }> {
  const notes: string[] = []
  const at = systemClock.date().getTime()
  try {
    if (await connection.open()) notes.push('connected again')
    const info = await readInfo(connection.client)
    const reading = { info, at: systemClock.now() }
    const disturbance = before && disturbanceBetween(before.info, info)
    if (disturbance !== undefined) notes.push(disturbance)
    const rates = before && disturbance === undefined ? ratesOf(before.info, info, (reading.at - before.at) / 1000) : undefined
    return { sample: { at, notes, unreachable: undefined, state: stateOf(info), rates }, reading }
  } catch (error) {
    // What is refused at the start will be refused for ever; a defect is not the server's.
    if (first || !(error instanceof RedlineError)) throw error
    connection.close()
    // The reading before is kept: what happened meanwhile is told as a rate over all of the time.
    return { sample: { at, notes, unreachable: messageOf(error), state: undefined, rates: undefined }, reading: before }
  }
}

/** The connection of a watch, opened anew after it was lost. */
class WatchConnection {
  readonly #address: Address
  readonly #options: WatchOptions
  #client: Client | undefined
  #opened = false

  constructor(address: Address, options: WatchOptions) {
    this.#address = address
    this.#options = options
  }

  get client(): Client {
    if (!this.#client) throw new TypeError('open the connection first')
    return this.#client
  }

  /** Opens it unless it is open. Returns whether it had been open before. */
  async open(): Promise<boolean> {
    if (this.#client) return false
    const { signal, timeoutMs = TIMEOUT_MS } = this.#options
    this.#client = await Client.open(this.#address, { protocol: 2, timeoutMs, replyTimeoutMs: timeoutMs, signal })
    const again = this.#opened
    this.#opened = true
    return again
  }

  close(): void {
    this.#client?.close()
    this.#client = undefined
  }
}

/** Resolves at a time of systemClock.now(), or when the signal is aborted. */
function until(at: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, Math.max(0, at - systemClock.now()))
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
}

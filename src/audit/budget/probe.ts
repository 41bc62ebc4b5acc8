import { systemClock } from '../../core/clock.js'
import { RedlineError } from '../../core/errors.js'
import { Rng } from '../../core/rng.js'
import type { Address } from '../../wire/address.js'
import { Client, type ClientOptions } from '../../wire/client.js'
import { ReplyError } from '../../wire/decoder.js'
import { encodeCommand } from '../../wire/encode.js'
import { noTraffic } from '../../wire/traffic.js'
import { countersOf, READ_COUNTERS } from './counters.js'
import type { ProbeNews } from './probe-messages.js'

/** Probes are sent at random times this far apart, 5 ms on average: in step with the scan they would always or never meet a batch. */
const LEAST_GAP_MS = 2.5
const MOST_GAP_MS = 7.5
const COUNTERS_EVERY_MS = 100
const REPORT_EVERY_MS = 20
/** A server that is silent for so long may be another one after it: the connection is opened anew. */
const SILENT_MS = 10_000
const RECONNECT_MS = [50, 200, 500, 1000]
/** A PING that is answered with these tells that the server does nothing else either. */
const NOT_WORKING = new Set(['LOADING', 'BUSY', 'MASTERDOWN', 'TRYAGAIN'])
const PING = encodeCommand(['PING'])

/** Takes what a probe has to tell of its server. */
export type OnNews = (news: ProbeNews) => void

/**
 * Sends PING to one server on a connection of its own and tells how long each took, and reads the server's CPU time. A probe is sent
 * when it is due, whether those before it are answered or not, and what is not answered is told with when it was sent: nothing is
 * left out because the server is slow. A connection that is lost is opened again, and told of as long as it is not.
 */
export class ServerProbe {
  readonly #server: number
  readonly #address: Address
  readonly #options: ClientOptions
  readonly #pings: boolean
  readonly #tell: OnNews
  readonly #rng: Rng
  readonly #abort = new AbortController()
  /** When the probes were sent that are not answered, oldest first. */
  readonly #waiting: number[] = []
  readonly #traffic = noTraffic()
  #client: Client | undefined
  #answered: number[] = []
  #blocked: string | undefined
  #timers: NodeJS.Timeout[] = []

  constructor(server: number, address: Address, options: Omit<ClientOptions, 'signal'>, pings: boolean, tell: OnNews) {
    this.#server = server
    this.#address = address
    this.#options = { ...options, replyTimeoutMs: SILENT_MS, signal: this.#abort.signal, traffic: this.#traffic }
    this.#pings = pings
    this.#tell = tell
    this.#rng = new Rng(server + 1)
  }

  /** Connects and begins. Tells `opened` or `failed`, and then goes on telling. */
  async open(): Promise<void> {
    try {
      this.#client = await Client.open(this.#address, this.#options)
    } catch (error) {
      const hint = error instanceof RedlineError ? error.hint : undefined
      this.#tell({ kind: 'failed', server: this.#server, message: error instanceof Error ? error.message : String(error), hint })
      return
    }
    this.#tell({ kind: 'opened', server: this.#server })
    this.#timers = [setInterval(() => this.#report(), REPORT_EVERY_MS), setInterval(() => void this.#count(), COUNTERS_EVERY_MS)]
    void this.#count()
    if (this.#pings) this.#probeAt(systemClock.now())
  }

  /** Reads the counters once more and ends the connection. Tells `closed` in the end. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer)
    if (!this.#abort.signal.aborted) await Promise.race([this.#count(), new Promise((resolve) => setTimeout(resolve, COUNTERS_EVERY_MS))])
    this.#report()
    this.#abort.abort()
    this.#client?.close()
    this.#tell({ kind: 'closed', server: this.#server })
  }

  /** Keeps the schedule; a probe that this thread is late with is left out, because that is not the server's doing. */
  #probeAt(due: number): void {
    const now = systemClock.now()
    if (now >= due) {
      void this.#probe(now)
      due = Math.max(due, now - MOST_GAP_MS) + LEAST_GAP_MS + (MOST_GAP_MS - LEAST_GAP_MS) * this.#rng.float()
    }
    this.#timers[2] = setTimeout(() => this.#probeAt(due), Math.max(1, due - now))
  }

  async #probe(sentAt: number): Promise<void> {
    const client = this.#client
    if (!client) return
    this.#waiting.push(sentAt)
    try {
      const [reply] = await client.callEncoded('PING', PING, 1)
      this.#waiting.shift()
      this.#answered.push(sentAt, systemClock.now() - sentAt)
      this.#blocked = reply instanceof ReplyError && NOT_WORKING.has(reply.code) ? `the server answers ${reply.code}` : undefined
    } catch {
      if (this.#client === client) void this.#reconnect()
    }
  }

  async #reconnect(): Promise<void> {
    this.#client = undefined
    for (const sentAt of this.#waiting.splice(0)) this.#answered.push(sentAt, systemClock.now() - sentAt)
    this.#blocked = 'the connection of the probe was lost'
    for (let attempt = 0; !this.#abort.signal.aborted; attempt++) {
      await new Promise((resolve) => {
        this.#timers[3] = setTimeout(resolve, RECONNECT_MS[Math.min(attempt, RECONNECT_MS.length - 1)])
      })
      try {
        this.#client = await Client.open(this.#address, this.#options)
        this.#blocked = undefined
        return
      } catch (error) {
        this.#blocked = error instanceof Error ? error.message : String(error)
      }
    }
  }

  async #count(): Promise<void> {
    const client = this.#client
    if (!client) return
    try {
      const replies = await client.callEncoded('INFO', READ_COUNTERS.bytes, READ_COUNTERS.commands)
      this.#tell({ kind: 'counters', server: this.#server, at: systemClock.now(), ...countersOf(replies) })
    } catch {
      if (this.#client === client) void this.#reconnect()
    }
  }

  #report(): void {
    const answered = Float64Array.from(this.#answered)
    this.#answered = []
    const seen = { answered, oldestSentAt: this.#waiting[0], blocked: this.#blocked, traffic: { ...this.#traffic } }
    this.#tell({ kind: 'probes', server: this.#server, ...seen })
  }
}

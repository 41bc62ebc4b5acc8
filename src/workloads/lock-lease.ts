import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Rng } from '../core/rng.js'
import { asArray, asNumber, asText, type Client } from '../wire/client.js'
import { type Reply, ReplyError } from '../wire/decoder.js'
import type { Argument } from '../wire/encode.js'
import { LuaScript } from './lua-script.js'

import type { ActorContext, Outcome, Referee, Workload } from './workload.js'

const paramsSchema = z.strictObject({
  release: z
    .enum(['get-then-del', 'script', 'del'])
    .default('script')
    .describe('get-then-del: GET, compare in the client, DEL; script: the article’s Lua script; del: DEL whoever holds it'),
  fencing: z
    .boolean()
    .default(false)
    .describe('acquire a fencing token too, and let the resource refuse one that is older than its latest'),
  lease: z.int().min(2).max(60_000).default(10).describe('PX of the lock, in milliseconds'),
  locks: z.int().min(1).max(1000).default(1).describe('independent locks, among which the clients are shared out'),
  slow: z.number().min(0).max(1).default(0.5).describe('share of the holders whose work takes about as long as their lease, or longer'),
})
type Params = z.infer<typeof paramsSchema>

const LOCK = 'lock:resource:'
const FENCE = 'fence:resource:'
const RELEASE = new LuaScript('release-lock')
const ACQUIRE_FENCED = new LuaScript('acquire-fenced-lock')

/** Work of a holder that is not slow, and what a contender waits before it asks again. */
const SHORT_MS = 1
const RETRY_MS = 1

/**
 * A lock with a lease, as the article takes and releases it, by holders of whom some are slower than their lease. The referee
 * stands for the resource that the lock protects: it sees every write, and knows who held the lock when.
 */
export const lockLease: Workload<Params, LeaseReferees> = {
  id: 'lock-lease',
  summary: 'acquire a lock with a lease, work, write to a resource, release; some holders outlive their lease',
  params: paramsSchema,
  keys: ({ locks }) => [LOCK, FENCE].map((name) => ({ template: `${name}{i}`, count: locks })),
  commands: () => [
    ['SET', `${LOCK}0`, 'token', 'NX', 'PX', '10'],
    ['GET', `${LOCK}0`],
    ['DEL', `${LOCK}0`],
    ['EVALSHA', RELEASE.sha, '1', `${LOCK}0`, 'token'],
    ['EVALSHA', ACQUIRE_FENCED.sha, '2', `${LOCK}0`, `${FENCE}0`, 'token', '10'],
  ],

  async prepare(client, { locks }, prefix) {
    for (let lock = 0; lock < locks; lock++) await client.call('UNLINK', ...Object.values(keysOf(lock, locks, prefix)))
    await RELEASE.load(client)
    await ACQUIRE_FENCED.load(client)
  },

  referee: ({ fencing, locks }) => new LeaseReferees(fencing, locks),

  actor(params, context) {
    const { rng, actor } = context
    const number = actor % params.locks
    const referee = context.referee.of(number)
    const lock = new Lock(params, context, keysOf(number, params.locks, context.prefix))
    let acquisitions = 0
    return Promise.resolve(async () => {
      const token = `${actor}:${acquisitions++}`
      const fence = await lock.acquire(token)
      const holder = referee.acquired(fence)
      await sleep(workMs(params, rng))
      referee.write(holder)
      referee.leaves(holder)
      const released = await lock.release(token)
      if (released !== null && released !== token) referee.foreignRelease()
    })
  },
}

/** Zero-padded to the width of the largest, as `{i}` of a key template is. */
function keysOf(lock: number, locks: number, prefix: string): { lock: string; fence: string } {
  const number = String(lock).padStart(String(locks - 1).length, '0')
  return { lock: prefix + LOCK + number, fence: prefix + FENCE + number }
}

/** A slow holder is done between nine tenths of its lease and a third beyond it: that is when a release can meet somebody else's lock. */
function workMs({ lease, slow }: Params, rng: Rng): number {
  return rng.float() < slow ? lease * (0.9 + 0.45 * rng.float()) : SHORT_MS
}

/** The lock as one client sees it. */
class Lock {
  readonly #params: Params
  readonly #client: Client
  readonly #signal: AbortSignal
  readonly #key: string
  readonly #fence: string

  constructor(params: Params, { client, signal }: ActorContext<LeaseReferees>, keys: { lock: string; fence: string }) {
    this.#params = params
    this.#client = client
    this.#signal = signal
    this.#key = keys.lock
    this.#fence = keys.fence
  }

  /** Asks until the lock is had; returns the fencing token, or 0 without fencing. */
  async acquire(token: string): Promise<number> {
    const { fencing, lease } = this.#params
    for (;;) {
      const reply = fencing
        ? await ACQUIRE_FENCED.call(this.#client, [this.#key, this.#fence], [token, lease])
        : await this.#client.call('SET', this.#key, token, 'NX', 'PX', lease)
      if (reply !== null) return fencing ? asNumber(reply) : 0
      await sleep(RETRY_MS)
      this.#signal.throwIfAborted()
    }
  }

  /**
   * Releases it in the way that is put to the test, and returns whose lock was deleted: its token, or null when none was. What deletes goes
   * together with a GET in one transaction, which tells that exactly and leaves the race before it as it is.
   */
  async release(token: string): Promise<string | null> {
    const { release } = this.#params
    if (release === 'script') return this.#deleting(RELEASE.command([this.#key], [token]))
    if (release === 'get-then-del') {
      const current = await this.#client.call('GET', this.#key)
      if (current === null || asText(current) !== token) return null
    }
    return this.#deleting(['DEL', this.#key])
  }

  async #deleting(command: readonly Argument[]): Promise<string | null> {
    const replies = await this.#client.callAll([['MULTI'], ['GET', this.#key], command, ['EXEC']])
    const [owner, deleted] = resultsOf(replies)
    return (owner ?? null) !== null && asNumber(deleted) === 1 ? asText(owner) : null
  }
}

/** What the commands of a transaction answered. Throws the first error among the replies. */
function resultsOf(replies: readonly Reply[]): Reply[] {
  const results = replies.at(-1)
  const refused = [...replies, ...(Array.isArray(results) ? results : [])].find((reply) => reply instanceof ReplyError)
  if (refused) throw refused
  return asArray(results)
}

/** One time of holding the lock. */
interface Holder {
  /** Which acquisition it is, among all of them in their order. */
  order: number
  fence: number
}

/** A referee for each lock. */
class LeaseReferees implements Referee {
  readonly #referees: readonly LeaseReferee[]

  constructor(fencing: boolean, locks: number) {
    this.#referees = Array.from({ length: locks }, () => new LeaseReferee(fencing))
  }

  of(lock: number): LeaseReferee {
    return this.#referees[lock]!
  }

  begin(): void {
    for (const referee of this.#referees) referee.begin()
  }

  settle(): Promise<Outcome> {
    const total = { acquired: 0, overlaps: 0, stale_writes: 0, foreign_releases: 0 }
    let refused = 0
    for (const { counted, refusedWrites } of this.#referees) {
      for (const name of ['acquired', 'overlaps', 'stale_writes', 'foreign_releases'] as const) total[name] += counted[name]
      refused += refusedWrites
    }
    const fenced = refused > 0 ? `; the resource refused ${refused} late writes by their fencing token` : ''
    return Promise.resolve({
      measures: total,
      remarks: [`${total.overlaps} of ${total.acquired} acquisitions began while another holder was still at work${fenced}`],
    })
  }
}

/** Knows who is in its critical section, and is the resource that holders write to. */
export class LeaseReferee {
  readonly #fencing: boolean
  #order = 0
  readonly #inside = new Set<Holder>()
  #lastWriter = 0
  #highestFence = 0
  /** Since the measured part began. */
  counted = { acquired: 0, overlaps: 0, stale_writes: 0, foreign_releases: 0 }
  /** Writes that the resource refused by their fencing token. */
  refusedWrites = 0

  constructor(fencing: boolean) {
    this.#fencing = fencing
  }

  begin(): void {
    this.counted = { acquired: 0, overlaps: 0, stale_writes: 0, foreign_releases: 0 }
    this.refusedWrites = 0
  }

  /** A client has the lock and begins its work. */
  acquired(fence: number): Holder {
    const holder = { order: ++this.#order, fence }
    this.counted.acquired++
    if (this.#inside.size > 0) this.counted.overlaps++
    this.#inside.add(holder)
    return holder
  }

  /** It writes to the resource. Stale is a write that is accepted after one of a later holder. */
  write({ order, fence }: Holder): void {
    if (this.#fencing && fence < this.#highestFence) {
      this.refusedWrites++
      return
    }
    this.#highestFence = Math.max(this.#highestFence, fence)
    if (order < this.#lastWriter) this.counted.stale_writes++
    this.#lastWriter = Math.max(this.#lastWriter, order)
  }

  /** It believes that its work is done, and goes to release the lock. */
  leaves(holder: Holder): void {
    this.#inside.delete(holder)
  }

  /** A lock was deleted that was not the one who deleted it had acquired. */
  foreignRelease(): void {
    this.counted.foreign_releases++
  }
}

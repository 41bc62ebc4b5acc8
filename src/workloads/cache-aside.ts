import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Rng } from '../core/rng.js'
import { asText, type Client } from '../wire/client.js'
import { LuaScript } from './lua-script.js'
import type { ActorContext, Outcome, Referee, Workload } from './workload.js'

const paramsSchema = z.strictObject({
  refresh: z
    .enum(['naive', 'lock', 'early'])
    .default('naive')
    .describe(
      'who computes a value that expired: naive: everybody who misses it; lock: who gets a lock, the others wait; early: by chance, somebody before it expires',
    ),
  ttl: z.int().min(10).max(3_600_000).default(200).describe('milliseconds that a cached value lives'),
  compute: z.int().min(1).max(60_000).default(20).describe('milliseconds that the origin takes to compute it'),
})
type Params = z.infer<typeof paramsSchema>

const VALUE = 'cache:page'
const LOCK = 'lock:cache:page'
const RELEASE = new LuaScript('release-lock')
/** Who waits for somebody else's computation looks again after so long. */
const LOOK_AGAIN_MS = 2
/** How eager early recomputation is; 1 is what the paper finds to be optimal. */
const BETA = 1

/** One hot value, cached with a TTL, asked for by many clients, and computed at an origin that the referee stands for. */
export const cacheAside: Workload<Params, Origin> = {
  id: 'cache-aside',
  summary: 'read a cached value; when it has expired compute it: everybody, one under a lock, or one ahead of time',
  params: paramsSchema,
  keys: () => [VALUE, LOCK].map((template) => ({ template, count: 1 })),
  commands: () => [
    ['GET', VALUE],
    ['SET', VALUE, 'value', 'PX', '200'],
    ['SET', LOCK, 'token', 'NX', 'PX', '1000'],
    ['EVALSHA', RELEASE.sha, '1', LOCK, 'token'],
  ],

  async prepare(client, _params, prefix) {
    await client.call('UNLINK', prefix + VALUE, prefix + LOCK)
    await RELEASE.load(client)
  },

  referee: ({ compute }) => new Origin(compute),

  actor(params, context) {
    const cache = new Cache(params, context)
    return Promise.resolve(async () => {
      await cache.read()
    })
  },
}

/** The cache as one client uses it. A value is `expires:text`, with the time in Unix milliseconds at which it expires. */
class Cache {
  readonly #params: Params
  readonly #client: Client
  readonly #origin: Origin
  readonly #rng: Rng
  readonly #signal: AbortSignal
  readonly #value: string
  readonly #lock: string
  readonly #token: string

  constructor(params: Params, { client, referee, rng, signal, prefix, actor }: ActorContext<Origin>) {
    this.#params = params
    this.#client = client
    this.#origin = referee
    this.#rng = rng
    this.#signal = signal
    this.#value = prefix + VALUE
    this.#lock = prefix + LOCK
    this.#token = `client-${actor}`
  }

  async read(): Promise<string> {
    for (;;) {
      const cached = await this.#client.call('GET', this.#value)
      if (cached !== null && !this.#refreshesEarly(asText(cached))) return asText(cached)
      if (cached !== null || this.#params.refresh !== 'lock') return this.#compute()
      const alone = await this.#client.call('SET', this.#lock, this.#token, 'NX', 'PX', this.#params.compute * 10)
      if (alone !== null) return this.#computeAlone()
      await sleep(LOOK_AGAIN_MS)
      this.#signal.throwIfAborted()
    }
  }

  /** XFetch: Vattani, Chierichetti, Lowenstein, "Optimal Probabilistic Cache Stampede Prevention", VLDB 2015. */
  #refreshesEarly(cached: string): boolean {
    if (this.#params.refresh !== 'early') return false
    const expires = Number(cached.slice(0, cached.indexOf(':')))
    return Date.now() - this.#params.compute * BETA * Math.log(1 - this.#rng.float()) >= expires
  }

  async #compute(): Promise<string> {
    const text = await this.#origin.compute()
    const { ttl } = this.#params
    const value = `${Date.now() + ttl}:${text}`
    await this.#client.call('SET', this.#value, value, 'PX', ttl)
    return value
  }

  /** Whoever gets the lock looks once more: the value may have been written between its miss and its lock. */
  async #computeAlone(): Promise<string> {
    try {
      const cached = await this.#client.call('GET', this.#value)
      return cached === null ? await this.#compute() : asText(cached)
    } finally {
      await RELEASE.call(this.#client, [this.#lock], [this.#token])
    }
  }
}

/** The origin that values come from: counts its computations, and the times that it had to begin because none was under way. */
export class Origin implements Referee {
  readonly #computeMs: number
  #underWay = 0
  #computations = 0
  #refreshes = 0

  constructor(computeMs: number) {
    this.#computeMs = computeMs
  }

  begin(): void {
    this.#computations = this.#refreshes = 0
  }

  async compute(): Promise<string> {
    this.#computations++
    if (this.#underWay === 0) this.#refreshes++
    this.#underWay++
    await sleep(this.#computeMs)
    this.#underWay--
    return 'page'
  }

  settle(): Promise<Outcome> {
    return Promise.resolve({
      measures: this.#refreshes === 0 ? {} : { origin_calls: this.#computations / this.#refreshes },
      remarks: [`${this.#refreshes} refreshes took ${this.#computations} computations`],
    })
  }
}

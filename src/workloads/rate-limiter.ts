import { z } from 'zod'
import type { Rng } from '../core/rng.js'
import { asNumber, type Client } from '../wire/client.js'
import { ReplyError } from '../wire/decoder.js'
import { LuaScript } from './lua-script.js'
import { type Decision, judgeWindows } from './sliding-windows.js'
import type { Outcome, Referee, Workload } from './workload.js'

const paramsSchema = z.strictObject({
  algorithm: z
    .enum(['article', 'sliding-window', 'fixed-window', 'token-bucket'])
    .default('sliding-window')
    .describe(
      'article: ZADD, ZREMRANGEBYSCORE, ZCARD, EXPIRE in a pipeline, as the article prints it; sliding-window: the same idea in one script; fixed-window: INCR, and EXPIRE on the first; token-bucket: a script',
    ),
  limit: z.int().min(1).max(1_000_000).default(100).describe('requests that one client may make within a window'),
  window: z.int().min(100).max(3_600_000).default(1000).describe('milliseconds'),
  clients: z.int().min(1).max(100_000).default(10).describe('clients that are limited, each by a key of its own'),
  clock: z
    .enum(['fine', 'ms'])
    .default('fine')
    .describe("resolution of the article's timestamps: what its time.time() has, or the milliseconds of other languages"),
  deaths: z.number().min(0).max(1).default(0).describe('share of the processes that die between their INCR and its EXPIRE (fixed-window)'),
})
type Params = z.infer<typeof paramsSchema>

const KEY = 'ratelimit:user:'
const SLIDING_WINDOW = new LuaScript('sliding-window')
const TOKEN_BUCKET = new LuaScript('token-bucket')

/** Whether one request of the client with this key is admitted; `name` is one that no other request has. */
type Limiter = (client: Client, key: string, name: string) => Promise<boolean>

/**
 * Rate limiters that promise at most `limit` requests of a client within a window, asked by more requests than that. The referee
 * sees every decision and holds it against the promise.
 */
export const rateLimiter: Workload<Params, LimiterReferee> = {
  id: 'rate-limiter',
  summary: 'ask a rate limiter whether a request is admitted',
  params: paramsSchema,
  keys: ({ clients }) => [{ template: `${KEY}{i}`, count: clients }],
  commands: () => [
    ['ZADD', `${KEY}0`, '1', '1'],
    ['ZREMRANGEBYSCORE', `${KEY}0`, '0', '1'],
    ['ZCARD', `${KEY}0`],
    ['INCR', `${KEY}0`],
    ['EXPIRE', `${KEY}0`, '1'],
    ['EVALSHA', SLIDING_WINDOW.sha, '1', `${KEY}0`, '1', '1', 'name'],
    ['EVALSHA', TOKEN_BUCKET.sha, '1', `${KEY}0`, '1', '1'],
  ],

  async prepare(client, { clients }, prefix) {
    for (let user = 0; user < clients; user++) await client.call('UNLINK', keyOf(user, clients, prefix))
    await SLIDING_WINDOW.load(client)
    await TOKEN_BUCKET.load(client)
  },

  referee: (params, { prefix }) => new LimiterReferee(params, prefix),

  actor(params, { client, actor, rng, prefix, referee }) {
    const limiter = limiterOf(params, () => rng.float() < params.deaths)
    let requests = 0
    return Promise.resolve(async () => {
      const user = whoAsks(params, rng)
      const sent = performance.now()
      const admitted = await limiter(client, keyOf(user, params.clients, prefix), `${actor}-${requests++}`)
      referee.decided(user, { sent, answered: performance.now(), admitted })
    })
  },
}

/**
 * Who asks now. Most requests come in bursts of one client, a tenth of a window long, as retries and page loads do; the others are of
 * anybody, so that fixed windows begin at any time. Bursts are what shows the edge of a window.
 */
function whoAsks({ clients, window }: Params, rng: Rng): number {
  if (rng.float() < BACKGROUND) return rng.below(clients)
  const slot = Math.floor(performance.now() / (window / 10))
  // Multiplicative hashing (Knuth): every actor knows whose turn it is.
  return (Math.imul(slot, 2654435761) >>> 8) % clients
}

/** Share of the requests that belong to no burst. */
const BACKGROUND = 0.1

/** Zero-padded to the width of the largest, as `{i}` of a key template is. */
function keyOf(user: number, clients: number, prefix: string): string {
  return prefix + KEY + String(user).padStart(String(clients - 1).length, '0')
}

function limiterOf(params: Params, dies: () => boolean): Limiter {
  const { limit, window } = params
  switch (params.algorithm) {
    case 'article':
      return async (client, key) => {
        // Python's time.time(): seconds, with what a double has of their fraction.
        const milliseconds = performance.timeOrigin + performance.now()
        const now = (params.clock === 'ms' ? Math.floor(milliseconds) : milliseconds) / 1000
        const replies = await client.callAll([
          ['ZADD', key, now, String(now)],
          ['ZREMRANGEBYSCORE', key, 0, now - window / 1000],
          ['ZCARD', key],
          // The article expires in seconds; a window is shorter here.
          ['PEXPIRE', key, window],
        ])
        const refused = replies.find((reply) => reply instanceof ReplyError)
        if (refused) throw refused
        return asNumber(replies[2]) <= limit
      }
    case 'sliding-window':
      return async (client, key, name) => asNumber(await SLIDING_WINDOW.call(client, [key], [limit, window, name])) === 1
    case 'fixed-window':
      return async (client, key) => {
        const count = asNumber(await client.call('INCR', key))
        if (count === 1 && !dies()) await client.call('PEXPIRE', key, window)
        return count <= limit
      }
    case 'token-bucket':
      return async (client, key) => asNumber(await TOKEN_BUCKET.call(client, [key], [limit, window])) === 1
  }
}

/** Sees every decision of a limiter. */
export class LimiterReferee implements Referee {
  readonly #params: Params
  readonly #prefix: string
  readonly #decisions: Decision[][]
  #begunAt = 0

  constructor(params: Params, prefix: string) {
    this.#params = params
    this.#prefix = prefix
    this.#decisions = Array.from({ length: params.clients }, () => [])
  }

  /** What was admitted in the warm-up still counts in windows that reach back to it; only later decisions are judged. */
  begin(): void {
    this.#begunAt = performance.now()
  }

  decided(user: number, decision: Decision): void {
    this.#decisions[user]!.push(decision)
  }

  async settle(client: Client): Promise<Outcome> {
    const { limit, window, clients } = this.#params
    const judged = this.#decisions.map((decisions) => judgeWindows(decisions, { limit, windowMs: window, from: this.#begunAt }))
    const sum = (pick: (one: (typeof judged)[number]) => number) => judged.reduce((total, one) => total + pick(one), 0)
    const keys = Array.from({ length: clients }, (_, user) => keyOf(user, clients, this.#prefix))
    const ttls = await client.callAll(keys.map((key) => ['PTTL', key]))
    const bytes = (await client.callAll(keys.map((key) => ['MEMORY', 'USAGE', key]))).filter((reply) => reply !== null).map(asNumber)
    const stuck = ttls.filter((ttl) => asNumber(ttl) === -1).length
    return {
      measures: {
        over_admitted: sum((one) => one.overAdmitted),
        under_admitted: sum((one) => one.underAdmitted),
        edge_burst: Math.max(...judged.map((one) => one.mostInWindow)) / limit,
        keys_without_ttl: stuck,
        ...(bytes.length > 0 && { bytes_per_item: bytes.reduce((total, one) => total + one, 0) / bytes.length }),
      },
      remarks: [
        `${sum((one) => one.admitted)} of ${sum((one) => one.decisions)} requests were admitted, ${stuck} of ${clients} clients are counted by a key that never expires`,
      ],
    }
  }
}

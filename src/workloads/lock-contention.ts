import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Rng } from '../core/rng.js'
import { jainIndex } from './fairness.js'
import { LuaScript } from './lua-script.js'

import type { Outcome, Referee, Workload } from './workload.js'

const paramsSchema = z.strictObject({
  retry: z
    .enum(['immediate', 'fixed', 'jittered'])
    .default('jittered')
    .describe(
      'immediate: ask again at once; fixed: wait `backoff`; jittered: wait a random part of a window that doubles with each refusal',
    ),
  backoff: z.number().min(1).max(1000).default(2).describe('milliseconds: the wait, or the first window of the jittered one'),
  hold: z.number().min(0).max(1000).default(1).describe('milliseconds that a holder works'),
})
type Params = z.infer<typeof paramsSchema>

const LOCK = 'lock:contended'
const LEASE_MS = 30_000
/** The window of the jittered backoff grows to this many times `backoff`: it should reach the number of contenders, not an hour. */
const MOST_WINDOWS = 64
const RELEASE = new LuaScript('release-lock')

/** Contenders for one lock whose lease nobody outlives: what waiting for it costs, the one that waits and the server. */
export const lockContention: Workload<Params, ContentionReferee> = {
  id: 'lock-contention',
  summary: 'acquire one lock that all want, hold it for a moment, release it by script',
  params: paramsSchema,
  keys: () => [{ template: LOCK, count: 1 }],
  commands: () => [
    ['SET', LOCK, 'token', 'NX', 'PX', '30000'],
    ['EVALSHA', RELEASE.sha, '1', LOCK, 'token'],
  ],

  async prepare(client, _params, prefix) {
    await client.call('UNLINK', prefix + LOCK)
    await RELEASE.load(client)
  },

  referee: (_params, { actors }) => new ContentionReferee(actors),

  actor(params, { client, actor, rng, prefix, referee, signal }) {
    const lock = prefix + LOCK
    const token = `contender-${actor}`
    return Promise.resolve(async () => {
      for (let refusals = 0; (await client.call('SET', lock, token, 'NX', 'PX', LEASE_MS)) === null; refusals++) {
        referee.refused()
        signal.throwIfAborted()
        await waitAgain(params, refusals, rng)
      }
      referee.acquired(actor)
      if (params.hold > 0) await sleep(params.hold)
      referee.leaves()
      await RELEASE.call(client, [lock], [token])
    })
  },
}

async function waitAgain({ retry, backoff }: Params, refusals: number, rng: Rng): Promise<void> {
  if (retry === 'fixed') await sleep(backoff)
  // Full jitter: Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
  if (retry === 'jittered') await sleep(rng.float() * backoff * Math.min(2 ** refusals, MOST_WINDOWS))
}

/** Counts what each contender got and what all of them sent for it. */
export class ContentionReferee implements Referee {
  #acquisitions: number[]
  #refusals = 0
  #inside = 0
  #overlaps = 0

  constructor(actors: number) {
    this.#acquisitions = Array.from({ length: actors }, () => 0)
  }

  begin(): void {
    this.#acquisitions = this.#acquisitions.map(() => 0)
    this.#refusals = 0
    this.#overlaps = 0
  }

  refused(): void {
    this.#refusals++
  }

  acquired(actor: number): void {
    this.#acquisitions[actor]!++
    if (this.#inside++ > 0) this.#overlaps++
  }

  leaves(): void {
    this.#inside--
  }

  settle(): Promise<Outcome> {
    const acquired = this.#acquisitions.reduce((sum, count) => sum + count, 0)
    return Promise.resolve({
      measures: {
        acquired,
        overlaps: this.#overlaps,
        ...(acquired > 0 && {
          fairness: jainIndex(this.#acquisitions),
          // Each attempt is a SET, each release an EVALSHA.
          commands_per_operation: (this.#refusals + 2 * acquired) / acquired,
        }),
      },
    })
  }
}

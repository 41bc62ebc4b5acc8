import { z } from 'zod'
import { asArray, asNumber, asText, type Client } from '../wire/client.js'
import { LuaScript } from './lua-script.js'
import type { Outcome, Referee, Workload } from './workload.js'

const paramsSchema = z.strictObject({
  method: z
    .enum(['watch', 'script', 'compare-and-set', 'get-then-set'])
    .default('watch')
    .describe(
      'watch: WATCH, GET, MULTI, SET, EXEC until it is not refused; script: read and write in one script; compare-and-set: GET, then a script that writes if the value is still the same, until it is; get-then-set: GET and SET, unchecked',
    ),
  keys: z.int().min(1).max(1_000_000).default(1).describe('counters that the clients choose from: the fewer, the more they meet'),
})
type Params = z.infer<typeof paramsSchema>

const KEY = 'cas:counter:'
const INCREMENT = new LuaScript('increment')
const COMPARE_AND_SET = new LuaScript('compare-and-set')

/** One attempt to add one: whether it took effect. */
type Attempt = (client: Client, key: string) => Promise<boolean>

/** A read-modify-write whose new value depends on the old one, by clients that meet at the same keys. Each adds one to a counter. */
export const compareAndSet: Workload<Params, UpdateReferee> = {
  id: 'compare-and-set',
  summary: 'read a value, change it, write it back: with WATCH, by script, by comparing, or unchecked',
  params: paramsSchema,
  keys: ({ keys }) => [{ template: `${KEY}{i}`, count: keys }],
  commands: () => [
    ['WATCH', `${KEY}0`],
    ['GET', `${KEY}0`],
    ['SET', `${KEY}0`, '1'],
    ['EVALSHA', INCREMENT.sha, '1', `${KEY}0`],
    ['EVALSHA', COMPARE_AND_SET.sha, '1', `${KEY}0`, '0', '1'],
  ],

  async prepare(client, { keys }, prefix) {
    for (let key = 0; key < keys; key++) await client.call('SET', nameOf(key, keys, prefix), 0)
    await INCREMENT.load(client)
    await COMPARE_AND_SET.load(client)
  },

  referee: ({ method, keys }, { prefix }) =>
    new UpdateReferee(
      method,
      Array.from({ length: keys }, (_, key) => nameOf(key, keys, prefix)),
    ),

  actor({ method, keys }, { client, rng, prefix, referee, signal }) {
    const attempt = ATTEMPTS[method]
    return Promise.resolve(async () => {
      const key = nameOf(rng.below(keys), keys, prefix)
      while (!(await attempt(client, key))) {
        referee.refused()
        signal.throwIfAborted()
      }
      referee.accepted()
    })
  },
}

/** Zero-padded to the width of the largest, as `{i}` of a key template is. */
function nameOf(key: number, keys: number, prefix: string): string {
  return prefix + KEY + String(key).padStart(String(keys - 1).length, '0')
}

const ATTEMPTS: Record<Params['method'], Attempt> = {
  async watch(client, key) {
    const [, value] = await client.callAll([
      ['WATCH', key],
      ['GET', key],
    ])
    const replies = await client.callAll([['MULTI'], ['SET', key, asNumber(value) + 1], ['EXEC']])
    return replies[2] !== null && asArray(replies[2]).length === 1
  },
  async script(client, key) {
    await INCREMENT.call(client, [key], [])
    return true
  },
  async 'compare-and-set'(client, key) {
    const value = asText(await client.call('GET', key))
    return asNumber(await COMPARE_AND_SET.call(client, [key], [value, Number(value) + 1])) === 1
  },
  async 'get-then-set'(client, key) {
    const value = asNumber(await client.call('GET', key))
    await client.call('SET', key, value + 1)
    return true
  },
}

/** Commands of one attempt; those of a transaction count each. */
const COMMANDS: Record<Params['method'], number> = { watch: 5, script: 1, 'compare-and-set': 2, 'get-then-set': 2 }

/** Counts the updates that were accepted, to be held against what the counters say in the end. */
export class UpdateReferee implements Referee {
  readonly #method: Params['method']
  readonly #keys: readonly string[]
  /** Of the whole round: the counters have its warm-up in them, too. */
  #acceptedInAll = 0
  #accepted = 0
  #refused = 0

  constructor(method: Params['method'], keys: readonly string[]) {
    this.#method = method
    this.#keys = keys
  }

  begin(): void {
    this.#accepted = this.#refused = 0
  }

  accepted(): void {
    this.#accepted++
    this.#acceptedInAll++
  }

  refused(): void {
    this.#refused++
  }

  async settle(client: Client): Promise<Outcome> {
    const values = await client.callAll(this.#keys.map((key) => ['GET', key]))
    const counted = values.reduce<number>((sum, value) => sum + asNumber(value), 0)
    const attempts = this.#accepted + this.#refused
    return {
      measures: {
        lost: this.#acceptedInAll - counted,
        ...(this.#accepted > 0 && {
          retries_per_operation: this.#refused / this.#accepted,
          commands_per_operation: (COMMANDS[this.#method] * attempts) / this.#accepted,
        }),
      },
    }
  }
}

import { z } from 'zod'
import { formatCount } from '../core/units.js'
import { asNumber, asText, type Client } from '../wire/client.js'
import type { Outcome, Referee, Workload } from './workload.js'

const paramsSchema = z.strictObject({
  counter: z.string().min(1).default('page:views').describe('key of the counter'),
  how: z.enum(['incr', 'get-then-set']).default('incr').describe('INCR, or GET and SET of one more'),
})
type Params = z.infer<typeof paramsSchema>

/** A counter of its own for the warm-up, whose updates are nobody's business. */
const warmUpKey = (counter: string) => `${counter}:warm-up`

/** Compares how many updates were acknowledged with how many the counter shows. */
class CountReferee implements Referee {
  key: string
  readonly #counter: string
  #acknowledged = 0

  constructor(counter: string) {
    this.key = warmUpKey(counter)
    this.#counter = counter
  }

  acknowledge(): void {
    this.#acknowledged++
  }

  begin(): void {
    this.key = this.#counter
    this.#acknowledged = 0
  }

  async settle(client: Client): Promise<Outcome> {
    const shown = Number(asText((await client.call('GET', this.#counter)) ?? '0'))
    // An update whose reply never came may have been counted all the same.
    const lost = Math.max(0, this.#acknowledged - shown)
    const of = `${formatCount(this.#acknowledged)} updates`
    return { measures: { lost }, remarks: [lost === 0 ? `all of ${of} were counted` : `${formatCount(lost)} of ${of} were lost`] }
  }
}

/** The article's counter, in the two ways that applications count: every client adds one to the same key. */
export const atomicCounter: Workload<Params, CountReferee> = {
  id: 'atomic-counter',
  summary: 'add one to a counter that all clients share, with INCR or with GET and SET',
  params: paramsSchema,
  keys: ({ counter }) => [counter, warmUpKey(counter)].map((template) => ({ template, count: 1 })),
  commands: ({ counter, how }) =>
    how === 'incr'
      ? [['INCR', counter]]
      : [
          ['GET', counter],
          ['SET', counter, '1'],
        ],

  async prepare(client, { counter }, prefix) {
    await client.call('UNLINK', prefix + counter, prefix + warmUpKey(counter))
  },

  referee: ({ counter }, { prefix }) => new CountReferee(prefix + counter),

  actor({ how }, { client, referee }) {
    const add = {
      incr: () => client.call('INCR', referee.key),
      'get-then-set': async () => client.call('SET', referee.key, asNumber((await client.call('GET', referee.key)) ?? 0) + 1),
    }[how]
    return Promise.resolve(async () => {
      await add()
      referee.acknowledge()
    })
  },
}

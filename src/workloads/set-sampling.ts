import { z } from 'zod'
import { asArray, asText } from '../wire/client.js'
import { withArticle } from '../core/text.js'
import { chiSquareUpperTail } from '../stats/chi-square.js'
import type { Check, Study } from './workload.js'

const paramsSchema = z.strictObject({
  members: z.int().min(2).max(1_000_000).default(500).describe('of the set'),
  numbers: z.boolean().default(true).describe('whether members are integers, which a small set keeps as an intset; else a hash table'),
  draws: z.int().min(10).max(10_000_000).default(20_000).describe('SRANDMEMBER calls of a round'),
  count: z.int().min(-1000).max(1000).default(1).describe('of each call: distinct members, or with repetitions when negative'),
})
type Params = z.infer<typeof paramsSchema>

const KEY = 'experiment:treatment'
const BATCH = 100

/** Draws from a set, and asks how likely so uneven a result were if every member were drawn equally often. */
export const setSampling: Study<Params> = {
  id: 'set-sampling',
  summary: 'draw members of a set at random, and test that each comes equally often',
  params: paramsSchema,
  keys: () => [{ template: KEY, count: 1 }],
  commands: () => [
    ['SADD', KEY, '1'],
    ['SRANDMEMBER', KEY, '1'],
  ],

  async measure({ members, numbers, draws, count }, { servers, prefix, record, signal }) {
    const client = await servers[0]!.connect()
    const key = prefix + KEY
    const names = Array.from({ length: members }, (_, i) => (numbers ? String(i) : `user:${i}`))
    for (let first = 0; first < members; first += 1000) await client.call('SADD', key, ...names.slice(first, first + 1000))
    const encoding = asText(await client.call('OBJECT', 'ENCODING', key))

    const drawn = new Map(names.map((name) => [name, 0]))
    let total = 0
    for (let done = 0; done < draws; done += BATCH) {
      signal.throwIfAborted()
      const began = performance.now()
      const replies = await client.callAll(Array.from({ length: Math.min(BATCH, draws - done) }, () => ['SRANDMEMBER', key, count]))
      record(((performance.now() - began) * 1000) / replies.length)
      for (const member of replies.flatMap((reply) => asArray(reply))) {
        drawn.set(asText(member), (drawn.get(asText(member)) ?? 0) + 1)
        total++
      }
    }
    const expected = total / members
    const statistic = [...drawn.values()].reduce((sum, times) => sum + (times - expected) ** 2 / expected, 0)
    const most = Math.max(...drawn.values())
    const least = Math.min(...drawn.values())
    const came = [...drawn.values()].filter((times) => times > 0).length
    const all: Check = { name: 'members drawn', expected: String(members), observed: String(came), ok: came === members }
    return {
      measures: { uniformity_p: chiSquareUpperTail(statistic, members - 1) },
      checks: [all],
      remarks: [`of ${withArticle(encoding)}, members were drawn ${least} to ${most} times where ${Math.round(expected)} were expected`],
    }
  },
}

import { z } from 'zod'
import { zipfSampler } from '../core/zipf.js'
import { infoNumber } from './info-number.js'
import type { Study } from './workload.js'

const paramsSchema = z.strictObject({
  policy: z.enum(['allkeys-lru', 'allkeys-lfu', 'allkeys-random']).default('allkeys-lru'),
  share: z.number().min(0.01).max(2).default(0.2).describe('memory for the cache, relative to what all values together take'),
  items: z.int().min(100).max(10_000_000).default(20_000).describe('values that there are at the origin'),
  bytes: z.int().min(1).max(100_000).default(500).describe('of each value'),
  exponent: z.number().positive().max(3).default(0.99).describe('of the zipf distribution that items are asked for by'),
  requests: z.int().min(100).max(100_000_000).default(100_000).describe('of a round'),
  scans: z
    .number()
    .min(0)
    .max(0.9)
    .default(0)
    .describe('share of the requests that ask for each item once, in their order, as a crawler does'),
})
type Params = z.infer<typeof paramsSchema>

const KEY = 'cache:item:'
const BATCH = 100
/** What a key of the main dictionary takes beside its value: entry, name, object. */
const OVERHEAD_BYTES = 100

/** A cache in front of an origin: read, and on a miss write, until what is kept depends on the policy alone. */
export const hitRate: Study<Params> = {
  id: 'hit-rate',
  summary: 'read through a cache that is too small for everything, and count hits',
  params: paramsSchema,
  keys: ({ items }) => [{ template: `${KEY}{i}`, count: items }],
  commands: () => [
    ['GET', `${KEY}0`],
    ['SET', `${KEY}0`, 'value'],
  ],
  own: () => true,

  async measure(params, { servers, prefix, rng, record, signal }) {
    const client = await servers[0]!.connect()
    const used = await infoNumber(client, 'memory', 'used_memory')
    await client.call('CONFIG', 'SET', 'maxmemory-policy', params.policy)
    await client.call('CONFIG', 'SET', 'maxmemory', Math.round(used + params.share * params.items * (params.bytes + OVERHEAD_BYTES)))
    const next = requestsOf(params, rng)
    const value = 'v'.repeat(params.bytes)
    const width = String(params.items - 1).length
    const quarters = [0, 0, 0, 0]
    for (let done = 0; done < params.requests; done += BATCH) {
      signal.throwIfAborted()
      const keys = Array.from({ length: BATCH }, () => prefix + KEY + String(next()).padStart(width, '0'))
      const began = performance.now()
      const found = await client.callAll(keys.map((key) => ['GET', key]))
      record(((performance.now() - began) * 1000) / BATCH)
      const missed = keys.filter((_, i) => found[i] === null)
      await client.callAll(missed.map((key) => ['SET', key, value]))
      quarters[Math.floor((done * 4) / params.requests)]! += BATCH - missed.length
    }
    const rates = quarters.map((hits) => hits / (params.requests / 4))
    return {
      // Of the second half, when the cache is full and has settled.
      measures: { settled_hit_rate: (rates[2]! + rates[3]!) / 2 },
      remarks: [`hit rate by quarters of the round: ${rates.map((rate) => `${Math.round(rate * 100)}%`).join(', ')}`],
    }
  },
}

/** Numbers of the items that are asked for, one after the other. */
function requestsOf({ items, exponent, scans }: Params, rng: { float(): number; below(bound: number): number }): () => number {
  const popular = zipfSampler(items, exponent, () => rng.float())
  let scanned = 0
  return () => (scans > 0 && rng.float() < scans ? scanned++ % items : popular())
}

import { z } from 'zod'
import type { Client } from '../wire/client.js'
import { ReplyError } from '../wire/decoder.js'
import { infoNumber } from './info-number.js'
import type { Study, StudyServer } from './workload.js'

const paramsSchema = z.strictObject({
  servers: z.enum(['shared', 'separate']).default('shared').describe('shared: cache and durable keys in one; separate: a server each'),
  policy: z
    .enum(['noeviction', 'allkeys-lru', 'volatile-lru'])
    .default('allkeys-lru')
    .describe('maxmemory-policy of the server that holds the cache; a separate one for durable keys has noeviction'),
  memory: z.int().min(2).max(10_000).default(8).describe('maxmemory, in megabytes, of all servers together'),
  durable: z.int().min(1).max(1_000_000).default(2000).describe('durable keys, written first; half as many follow when the cache is full'),
  cached: z.int().min(1).max(10_000_000).default(40_000).describe('cached keys, written afterwards, with a TTL'),
  bytes: z.int().min(1).max(100_000).default(400).describe('of each value'),
})
type Params = z.infer<typeof paramsSchema>

const DURABLE = 'order:'
const CACHED = 'cache:page:'
const BATCH = 200
const CACHE_TTL_MS = 3_600_000

/**
 * What must last beside what may be thrown away: more of the cache is written than there is memory for, then some more of what must last, and everything durable
 * is looked for.
 */
export const sharedInstance: Study<Params> = {
  id: 'shared-instance',
  summary: 'durable keys and a cache that outgrows the memory, in one server or in two',
  params: paramsSchema,
  keys: ({ durable, cached }) => [
    { template: `${DURABLE}{i}`, count: durable + laterOf(durable) },
    { template: `${CACHED}{i}`, count: cached },
  ],
  commands: () => [
    ['SET', `${DURABLE}0`, 'value'],
    ['SET', `${CACHED}0`, 'value', 'PX', '1000'],
    ['EXISTS', `${DURABLE}0`],
  ],
  servers: ({ servers }) => (servers === 'shared' ? 1 : 2),
  own: () => true,

  async measure(params, { servers, prefix, record, signal }) {
    const cache = servers[0]!
    const store = servers.at(-1)!
    // A separate store gets the quarter of the memory that its keys need.
    const share = store === cache ? 1 : 0.75
    await limit(cache, params.memory * share, params.policy)
    if (store !== cache) await limit(store, params.memory * (1 - share), 'noeviction')
    const [ofCache, ofStore] = [await cache.connect(), await store.connect()]
    const value = 'v'.repeat(params.bytes)
    const durable = keysOf(prefix + DURABLE, params.durable + laterOf(params.durable))
    const cached = keysOf(prefix + CACHED, params.cached)
    const write = async (client: Client, keys: readonly string[], options: readonly (string | number)[]) => {
      const accepted: string[] = []
      for (let first = 0; first < keys.length; first += BATCH) {
        signal.throwIfAborted()
        const batch = keys.slice(first, first + BATCH)
        const began = performance.now()
        const replies = await client.callAll(batch.map((key) => ['SET', key, value, ...options]))
        record(((performance.now() - began) * 1000) / batch.length)
        accepted.push(...batch.filter((_, i) => !(replies[i] instanceof ReplyError)))
      }
      return accepted
    }
    const before = await write(ofStore, durable.slice(0, params.durable), [])
    const cachedNow = await write(ofCache, cached, ['PX', CACHE_TTL_MS])
    // The business goes on, when the cache has had all the memory that it could get.
    const after = await write(ofStore, durable.slice(params.durable), [])
    const kept = [...before, ...after]
    const there = await ofStore.callAll(kept.map((key) => ['EXISTS', key]))
    const lost = there.filter((reply) => reply === 0).length
    const refused = { durable: durable.length - kept.length, cached: cached.length - cachedNow.length }
    return {
      measures: { durable_lost: lost, writes_refused: refused.durable / durable.length },
      remarks: [
        `${lost} of ${kept.length} durable keys were gone, ${refused.durable} of ${durable.length} durable and ${refused.cached} of ${cached.length} cache writes refused`,
      ],
    }
  },
}

/** Sets the memory that a server of ours has for keys, and its policy. The runner restores both after the round. */
async function limit(server: StudyServer, megabytes: number, policy: string): Promise<void> {
  const client = await server.connect()
  const used = await infoNumber(client, 'memory', 'used_memory')
  await client.call('CONFIG', 'SET', 'maxmemory', Math.round(used + megabytes * 1024 * 1024))
  await client.call('CONFIG', 'SET', 'maxmemory-policy', policy)
}

/** Durable keys that are written when the cache is full. */
const laterOf = (durable: number) => Math.ceil(durable / 2)

function keysOf(prefix: string, count: number): string[] {
  const width = String(count - 1).length
  return Array.from({ length: count }, (_, i) => prefix + String(i).padStart(width, '0'))
}

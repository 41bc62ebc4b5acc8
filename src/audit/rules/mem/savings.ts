import type { ServerFacts } from '../../../redis/server-facts.js'

/** Bytes that one collection saves in its compact encoding (listpack, ziplist before 7.0): so many, and so many for each element. */
export interface Saving {
  perKey: number
  perElement: number
}

/** Collections whose compact encoding saves memory, by TYPE. */
export type CompactType = 'hash' | 'set' | 'zset'

interface Savings extends Record<CompactType, Saving> {
  /** For each string that becomes a field of a hash per bucket of 100. */
  bucketedString: number
}

/*
 * Measured with `npm run bench -- encodings` (growth of used_memory, allocator's slack included) on Redis 6.0.16, 7.0.15, 8.0.2 and
 * Valkey 8.1.1, 9.1.2, with jemalloc: collections of 16, 128 and 512 elements whose values or members have 8, 16, 32 and 60 bytes,
 * and strings of those sizes. Bytes saved an element, at 128 and at 16 elements:
 *
 *            hash            set             zset             string in a bucket
 *   Redis    41-57, 44-62    15-26, 17-27    83-108, 124-150  80-99
 *   Valkey   26-34, 33-43    25-38, 33-45    60-84, 100-125   39-60
 *
 * The versions of one engine differ by less than the sizes do. What stands here is at the lower end: nobody is promised more than
 * there is.
 */
const SAVINGS: Record<ServerFacts['engine'], Savings> = {
  redis: {
    hash: { perKey: 60, perElement: 41 },
    set: { perKey: 40, perElement: 15 },
    zset: { perKey: 650, perElement: 80 },
    bucketedString: 80,
  },
  valkey: {
    hash: { perKey: 120, perElement: 25 },
    set: { perKey: 60, perElement: 25 },
    zset: { perKey: 600, perElement: 58 },
    bucketedString: 39,
  },
}

/** What compact encodings save on an engine, at least. */
export function savingsOf(engine: ServerFacts['engine']): Savings {
  return SAVINGS[engine]
}

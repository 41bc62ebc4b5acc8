import { z } from 'zod'
import { countOption, shareOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { counted, countedSince, percent } from '../wording.js'

/** A cache that does not have what it is asked for costs a round trip and saves nothing. */
export const rule = defineRule({
  id: 'cache/hit-rate',
  severity: 'warning',
  summary: 'Many lookups find no key',
  scope: 'node',
  needs: ['counters'],
  options: z.strictObject({
    share: shareOption(0.8, 'share of lookups that find a key below which it is reported'),
    lookups: countOption(10_000, 'lookups from which it is judged'),
  }),
  check: ({ counters }, { share, lookups }) => {
    const hits = counters.grown('keyspace_hits')
    const misses = counters.grown('keyspace_misses')
    const total = hits + misses
    if (total === 0 || total < lookups || hits / total >= share) return []
    return [
      {
        about: 'hit rate',
        message: `${percent(hits / total)} of ${counted(total, 'lookup')} found a key ${countedSince(counters)}`,
        evidence: { hits, misses, hitShare: hits / total, seconds: counters.seconds },
        remedy:
          'Find out which keys are missed: TTLs that are too short, evictions, keys that are asked for and never written (remember their absence for a short time).',
        commands: ['redis-cli INFO stats'],
      },
    ]
  },
  blind: ({ counters }, { lookups }) => {
    const total = counters.grown('keyspace_hits') + counters.grown('keyspace_misses')
    return total < lookups || total === 0 ? { kind: 'not assessed', why: `only ${counted(total, 'lookup')} so far` } : undefined
  },
})

import { z } from 'zod'
import { formatDuration } from '../../../core/units.js'
import { type Info, numberOf } from '../../../redis/info.js'
import type { Counters } from '../../facts.js'
import { countOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { keyCount } from '../wording.js'

/** Memory is full, and keys go before their time. */
export const rule = defineRule({
  id: 'evict/active',
  severity: 'warning',
  summary: 'Keys are being evicted: memory is full',
  scope: 'node',
  needs: ['counters'],
  wants: ['info'],
  options: z.strictObject({ keys: countOption(1, 'evicted keys from which it is reported') }),
  check: ({ counters, info }, { keys }) => {
    const span = spans(counters).find(({ evicted }) => evicted > 0 && evicted >= keys)
    if (!span) return []
    const over = info ? (numberOf(info, 'current_eviction_exceeded_time') ?? 0) : 0
    const behind = over > 0 ? `; memory has been above its limit for ${formatDuration(over)}` : ''
    return [
      {
        about: 'evicted_keys',
        message: `${keyCount(span.evicted)} evicted ${span.since}${policyOf(info)}${behind}`,
        evidence: { evictedKeys: span.evicted, seconds: span.seconds, aboveLimitMs: over },
        remedy:
          'If these keys may be lost, check that the hit rate is fine; if not, make room (TTLs, smaller values), raise maxmemory or add a shard.',
        commands: ['redis-cli INFO memory', 'redis-cli INFO stats'],
      },
    ]
  },
})

/** The times over which evictions say that memory is full now: since the previous audit, and while this one ran. Not since the server's start. */
function spans(counters: Counters): { evicted: number; seconds: number; since: string }[] {
  const { during, seconds } = counters
  const now = {
    evicted: during.grown('evicted_keys'),
    seconds: during.seconds,
    since: `while the audit ran (${formatDuration(during.seconds * 1000)})`,
  }
  if (counters.basis !== 'previous audit') return [now]
  return [
    { evicted: counters.grown('evicted_keys'), seconds, since: `since the previous audit (${formatDuration(seconds * 1000)} ago)` },
    now,
  ]
}

function policyOf(info: Info | undefined): string {
  const policy = info?.fields.get('maxmemory_policy')
  return policy === undefined ? '' : ` under ${policy}`
}

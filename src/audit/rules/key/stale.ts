import { z } from 'zod'
import { formatDuration } from '../../../core/units.js'
import { numberOf } from '../../../redis/info.js'
import type { KeyspaceFacts, PatternFacts } from '../../facts.js'
import { bytesOption, durationOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { shellWord } from '../commands.js'
import { inferred } from '../estimates.js'
import { byteCount, keyCount } from '../wording.js'

/** Keys that nobody has used for long and that will not go by themselves. */
export const rule = defineRule({
  id: 'key/stale',
  severity: 'note',
  summary: 'Keys without a TTL that nobody has used for long',
  needs: ['keyspace'],
  wants: ['info'],
  options: z.strictObject({
    idle: durationOption('30d', 'time without use from which a key is stale'),
    floor: bytesOption('1MB', 'stale bytes in a pattern from which it is reported'),
  }),
  check: ({ keyspace }, { idle, floor }) => {
    if (!keyspace.idleKnown) return []
    return keyspace.patterns.flatMap((pattern) => {
      const stale = pattern.idlePersistent?.from(idle / 1000)
      if (!stale || stale.keys === 0 || inferred(stale.bytes, pattern).low < floor) return []
      const longest = pattern.idlePersistent?.max ?? 0
      const examples = staleKeys(keyspace, pattern, idle / 1000)
      return [
        {
          about: pattern.pattern,
          message: `${keyCount(inferred(stale.keys, pattern))} of ${keyCount(pattern.keys)} (${byteCount(inferred(stale.bytes, pattern))}) never expire and were not used for ${formatDuration(idle)} or more`,
          evidence: { keys: pattern.keys.value, staleKeys: stale.keys, staleBytes: stale.bytes, longestIdleSeconds: longest },
          remedy:
            'Ask the owner whether they are still needed; if not, delete them with UNLINK in small batches, and write them with a TTL.',
          commands: examples.slice(0, 1).map((key) => `redis-cli OBJECT IDLETIME ${shellWord(key)}`),
          examples,
        },
      ]
    })
  },
  blind: ({ keyspace, info }, { idle }) => {
    if (!keyspace.idleKnown) return { kind: 'not assessed', why: 'idle times are not known' }
    const uptime = info ? numberOf(info, 'uptime_in_seconds') : undefined
    const longest = Math.max(0, ...keyspace.patterns.map((pattern) => pattern.idlePersistent?.max ?? 0))
    if (uptime === undefined || uptime * 1000 >= idle || longest * 1000 >= idle) return undefined
    return { kind: 'not assessed', why: `the server started ${formatDuration(uptime * 1000)} ago, and idle times count from then` }
  },
})

/** The idlest that the scan knows by name; where all of those belong to other patterns, some keys without a TTL. */
function staleKeys(keyspace: KeyspaceFacts, { pattern, persistentExamples }: PatternFacts, idleSeconds: number): string[] {
  const known = keyspace.top.idle.filter(
    (key) => key.pattern === pattern && key.ttlSeconds === undefined && (key.idleSeconds ?? 0) >= idleSeconds,
  )
  return known.length > 0 ? known.slice(0, 5).map(({ key }) => key) : persistentExamples
}

import { z } from 'zod'
import { formatBytes, formatDuration } from '../../../core/units.js'
import type { ReplicationFacts } from '../../facts.js'
import { bytesOption, durationOption } from '../../rule-options.js'
import { defineRule, type FindingDraft } from '../../rule.js'

const optionsSchema = z.strictObject({
  warn: durationOption('30s', 'silence on the link from which it warns'),
  error: durationOption('120s', 'silence on the link from which it is an error'),
  bytes: bytesOption('100MB', 'writes not yet acknowledged by a replica from which it warns'),
})
type Options = z.infer<typeof optionsSchema>

/** Reads from a replica that lags are old, and a failover to it loses what it has not got. */
export const rule = defineRule({
  id: 'repl/lag',
  severity: 'warning',
  summary: 'A replica is far behind its primary',
  needs: ['replication'],
  scope: 'node',
  options: optionsSchema,
  check: ({ replication }, options) => [...ofReplicas(replication, options), ...ofLink(replication, options)],
  blind: ({ replication }) =>
    replication.link || replication.replicas.length > 0
      ? undefined
      : { kind: 'not applicable', why: 'neither a replica nor a primary with one' },
})

/** As the primary sees it: when each replica last acknowledged, and how far. Those that still synchronise are no concern of this rule. */
function ofReplicas({ replicas }: ReplicationFacts, { warn, error, bytes }: Options): FindingDraft[] {
  const online = replicas.filter(({ state }) => state === 'online')
  const late = online
    .filter(({ lagSeconds, offsetBehindBytes }) => lagSeconds * 1000 >= warn || (offsetBehindBytes > 0 && offsetBehindBytes >= bytes))
    .toSorted((a, b) => b.lagSeconds - a.lagSeconds || b.offsetBehindBytes - a.offsetBehindBytes)
  const worst = late[0]
  if (!worst) return []
  return [
    {
      about: 'replicas',
      message: `${late.length} of ${online.length} behind: ${worst.address} last acknowledged ${formatDuration(worst.lagSeconds * 1000)} ago and misses ${formatBytes(worst.offsetBehindBytes)}`,
      evidence: { replicas: late.length, of: online.length, lagSeconds: worst.lagSeconds, behindBytes: worst.offsetBehindBytes },
      remedy: 'Look for a network that is too slow for the writes, or a replica that is busy with slow commands or its disk.',
      commands: ['redis-cli INFO replication', 'redis-cli SLOWLOG GET 10', 'redis-cli LATENCY LATEST'],
      severity: worst.lagSeconds * 1000 >= error ? 'error' : 'warning',
    },
  ]
}

/** As the replica sees it; a primary sends a PING every ten seconds when it has nothing else. A link that is down is repl/down. */
function ofLink({ link }: ReplicationFacts, { warn, error }: Options): FindingDraft[] {
  if (!link?.up || link.lastIoSeconds * 1000 < warn) return []
  return [
    {
      about: 'link to the primary',
      message: `has been silent for ${formatDuration(link.lastIoSeconds * 1000)}, though it is up`,
      evidence: { lastIoSeconds: link.lastIoSeconds },
      remedy: 'Look for a primary that hangs, or a network that drops packets without closing connections.',
      commands: ['redis-cli INFO replication', 'redis-cli CONFIG GET repl-timeout'],
      severity: link.lastIoSeconds * 1000 >= error ? 'error' : 'warning',
    },
  ]
}

import { z } from 'zod'
import { formatDuration } from '../../../core/units.js'
import { type Info, numberOf } from '../../../redis/info.js'
import { durationOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'

/** A replica without its primary serves what was true when it lost it, and is no safety any more. */
export const rule = defineRule({
  id: 'repl/down',
  severity: 'error',
  summary: 'A replica has lost its primary',
  needs: ['replication'],
  wants: ['info', 'config'],
  scope: 'node',
  options: z.strictObject({ down: durationOption('10s', 'how long the link must have been down; a short break heals itself') }),
  check({ replication: { link }, info, config }, { down }) {
    if (!link || link.up) return []
    const never = info !== undefined && wasNeverUp(info)
    if (!never && link.downSeconds * 1000 < down) return []
    const time = never ? 'has never been up since the server started' : `has been down for ${formatDuration(link.downSeconds * 1000)}`
    const stale = config?.get('replica-serve-stale-data') === 'no' ? 'it refuses to answer' : 'it answers with old data'
    return [
      {
        about: 'link to the primary',
        message: `${time}${link.syncing ? '; a full synchronisation is under way' : `; ${stale}`}`,
        evidence: { ...(never ? {} : { downSeconds: link.downSeconds }), neverUp: never, syncing: link.syncing },
        remedy: link.syncing
          ? 'Wait for the synchronisation; if it starts again and again, see repl/resync-loop.'
          : 'Find out whether the primary runs, can be reached from here, and accepts the password of the replica (masterauth, masteruser).',
        commands: ['redis-cli INFO replication', 'redis-cli CONFIG GET masteruser', 'redis-cli CONFIG GET tls-replication'],
        severity: link.syncing ? 'warning' : 'error',
      },
    ]
  },
  blind: ({ replication }) => (replication.link ? undefined : { kind: 'not applicable', why: 'not a replica' }),
})

/** Then the time for which it has been down is -1; before 7.0, the time since 1970. */
function wasNeverUp(info: Info): boolean {
  const seconds = numberOf(info, 'master_link_down_since_seconds') ?? 0
  return seconds < 0 || seconds > (numberOf(info, 'uptime_in_seconds') ?? Infinity) + 60
}

import { z } from 'zod'
import { formatBytes, formatNumber, trim } from '../../../core/units.js'
import type { ConfigFacts } from '../../facts.js'
import { countOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { outputLimit } from '../output-limits.js'
import { counted, countedSince } from '../wording.js'

const DAY_SECONDS = 86_400
const USUAL_BACKLOG_BYTES = 64 * 1024 ** 2

/** Each full synchronisation forks the primary and sends all data again; the load makes the next break more likely. */
export const rule = defineRule({
  id: 'repl/resync-loop',
  severity: 'warning',
  summary: 'Replicas copy everything again and again',
  needs: ['replication', 'counters'],
  wants: ['config'],
  scope: 'node',
  options: z.strictObject({
    syncs: countOption(3, 'full synchronisations, beyond the first of each replica, from which they are reported'),
    perDay: countOption(1, 'how many a day they must be on average'),
  }),
  check({ replication, counters, config }, { syncs, perDay }) {
    // Every replica has to copy everything once.
    const first = counters.basis === 'server start' ? replication.replicas.length : 0
    const excess = replication.fullSyncs - first
    const days = counters.seconds / DAY_SECONDS
    if (excess <= 0 || excess < syncs || excess < perDay * days) return []
    const backlog = Number(config?.get('repl-backlog-size')) || undefined
    const partial = counters.grown('sync_partial_ok')
    return [
      {
        about: 'full synchronisations',
        message: `${formatNumber(replication.fullSyncs)} ${countedSince(counters)} for ${counted(
          replication.replicas.length,
          'replica',
        )}${backlog === undefined ? '' : `; the backlog holds ${formatBytes(backlog)} of writes`}`,
        evidence: {
          fullSyncs: replication.fullSyncs,
          replicas: replication.replicas.length,
          perDay: Number(trim(days > 0 ? excess / days : excess, 3)),
          partialSyncs: partial,
          partialSyncsRefused: counters.grown('sync_partial_err'),
          ...(backlog === undefined ? {} : { backlogBytes: backlog }),
        },
        remedy: `Make the backlog hold the writes of the longest break to expect${bufferHint(config)}.`,
        commands: [
          `redis-cli CONFIG SET repl-backlog-size ${Math.max(USUAL_BACKLOG_BYTES, 4 * (backlog ?? 0))}`,
          'redis-cli CONFIG SET client-output-buffer-limit "replica 512mb 128mb 60"',
          'redis-cli CONFIG REWRITE',
        ],
      },
    ]
  },
})

/** A replica whose copy takes long is disconnected when the writes since pass this limit, and starts anew. */
function bufferHint(config: ConfigFacts | undefined): string {
  const limit = config && outputLimit(config, 'replica')
  const now = limit && limit.hardBytes > 0 ? ` (now ${formatBytes(limit.hardBytes)})` : ''
  return `, and the limit on replicas' output buffers${now} those of a whole copy`
}

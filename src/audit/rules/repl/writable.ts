import { z } from 'zod'
import type { ServerFacts } from '../../../redis/server-facts.js'
import type { Severity } from '../../../schema/audit.js'
import type { ReplicationFacts } from '../../facts.js'
import { defineRule } from '../../rule.js'
import { unreadable } from '../parameters.js'

/** What is written to a replica is on no other server, and is gone with the next full synchronisation. */
export const rule = defineRule({
  id: 'repl/writable',
  severity: 'error',
  summary: 'Replicas take writes',
  needs: ['config'],
  wants: ['server', 'replication'],
  scope: 'node',
  options: z.strictObject({}),
  check({ config, server, replication }) {
    if (config.get('replica-read-only') !== 'no') return []
    const { message, severity } = meaning(server, replication)
    return [
      {
        about: 'replica-read-only',
        message,
        evidence: { replicaReadOnly: 'no', role: server?.role ?? 'unknown' },
        remedy: 'Make replicas read-only and send the writes to the primary.',
        commands: ['redis-cli CONFIG SET replica-read-only yes', 'redis-cli CONFIG REWRITE'],
        severity,
        at: { parameter: 'replica-read-only' },
      },
    ]
  },
  blind: ({ config }) => unreadable(config, 'replica-read-only'),
})

function meaning(server: ServerFacts | undefined, replication: ReplicationFacts | undefined): { message: string; severity: Severity } {
  if (server?.role === 'replica')
    return { message: 'is no: this replica takes writes that no other server gets, and loses them when it synchronises', severity: 'error' }
  const message = 'is no: as a replica, after a failover for instance, it takes writes that no other server gets'
  const mayBecomeReplica = server === undefined || server.topology === 'cluster' || (replication?.replicas.length ?? 0) > 0
  return { message, severity: mayBecomeReplica ? 'warning' : 'note' }
}

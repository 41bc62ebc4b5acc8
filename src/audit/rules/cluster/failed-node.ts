import { z } from 'zod'
import type { ServerFacts } from '../../../redis/server-facts.js'
import type { ClusterFacts } from '../../facts.js'
import { defineRule } from '../../rule.js'

type Node = ClusterFacts['nodes'][number]

/** What the cluster itself says of its nodes: a failed primary has lost its slots unless a replica took over. */
export const rule = defineRule({
  id: 'cluster/failed-node',
  severity: 'error',
  summary: 'A node of the cluster has failed, or can not be reached',
  needs: ['cluster'],
  options: z.strictObject({}),
  inapplicable: (server: ServerFacts) => (server.topology === 'cluster' ? undefined : 'not a cluster'),
  check: ({ cluster }) =>
    cluster.nodes
      .filter((node) => trouble(node) !== undefined)
      .map((node) => {
        const ownsSlots = node.slots.length > 0
        return {
          about: `node ${node.address}`,
          message: `${trouble(node)}; it is ${ownsSlots ? `a primary with ${slotCount(node)} slots` : node.role === 'master' ? 'a primary without slots' : 'a replica'}`,
          evidence: { id: node.id, role: node.role, flags: node.flags.join(' '), connected: node.connected, slots: slotCount(node) },
          remedy: ownsSlots
            ? 'Start the node again, or promote one of its replicas: run CLUSTER FAILOVER FORCE on it.'
            : 'Start the node again; if it is gone for good, let every node forget it within a minute.',
          commands: ownsSlots ? ['redis-cli CLUSTER NODES', 'redis-cli CLUSTER FAILOVER FORCE'] : [`redis-cli CLUSTER FORGET ${node.id}`],
          severity: ownsSlots && node.flags.includes('fail') ? ('error' as const) : ('warning' as const),
        }
      }),
})

/** Undefined for a node that is well, or is only just joining. */
function trouble({ flags, connected }: Node): string | undefined {
  if (flags.includes('handshake') || flags.includes('myself')) return undefined
  if (flags.includes('fail')) return 'has failed'
  if (flags.includes('fail?')) return 'is suspected to have failed'
  if (flags.includes('noaddr')) return 'has no known address'
  return connected ? undefined : 'is not connected to the node that was asked'
}

function slotCount({ slots }: Node): number {
  return slots.reduce((sum, [from, to]) => sum + to - from + 1, 0)
}

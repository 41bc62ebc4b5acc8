import { z } from 'zod'
import type { ServerFacts } from '../../../redis/server-facts.js'
import type { ClusterFacts } from '../../facts.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { shellWord } from '../commands.js'
import { counted } from '../wording.js'

const SLOTS = 16_384

/** Keys of a slot that no node serves can be neither read nor written; by default the cluster then answers nothing at all. */
export const rule = defineRule({
  id: 'cluster/coverage',
  severity: 'error',
  summary: 'Slots of the cluster are served by nobody',
  needs: ['cluster'],
  wants: ['config'],
  options: z.strictObject({}),
  inapplicable: (server: ServerFacts) => (server.topology === 'cluster' ? undefined : 'not a cluster'),
  check({ cluster, config }) {
    const assigned = numberIn(cluster, 'cluster_slots_assigned') ?? SLOTS
    const failed = numberIn(cluster, 'cluster_slots_fail') ?? 0
    const consequence = config?.get('cluster-require-full-coverage') === 'no' ? '' : ', and without them the cluster refuses every key'
    return [
      ...(assigned < SLOTS ? [unassigned(SLOTS - assigned, cluster.nodes[0]?.address ?? '<host:port>', consequence)] : []),
      ...(failed > 0 ? [failedSlots(failed, consequence)] : []),
      ...(assigned === SLOTS && failed === 0 && cluster.info.get('cluster_state') === 'fail' ? [down()] : []),
    ]
  },
})

function numberIn({ info }: ClusterFacts, name: string): number | undefined {
  const value = Number(info.get(name) ?? NaN)
  return Number.isNaN(value) ? undefined : value
}

function unassigned(slots: number, address: string, consequence: string): FindingDraft {
  return {
    about: 'slots',
    role: 'unassigned',
    message: `${counted(slots, 'slot')} of ${SLOTS} belong to no node${consequence}`,
    evidence: { unassignedSlots: slots },
    remedy: 'Give them to a node; the tool finds out which.',
    commands: ['check', 'fix'].map((what) => `redis-cli --cluster ${what} ${shellWord(address)}`),
  }
}

function failedSlots(slots: number, consequence: string): FindingDraft {
  return {
    about: 'slots',
    role: 'failed',
    message: `${counted(slots, 'slot')} of ${SLOTS} belong to nodes that have failed${consequence}`,
    evidence: { failedSlots: slots },
    remedy: 'Start the failed node again, or promote one of its replicas: run this on the replica.',
    commands: ['redis-cli CLUSTER NODES', 'redis-cli CLUSTER FAILOVER FORCE'],
  }
}

/** A node that sees only a minority of the primaries answers nothing either, though every slot has an owner. */
function down(): FindingDraft {
  return {
    about: 'cluster_state',
    message: 'is fail though every slot has a node: this one does not reach most of the primaries, or has just started',
    evidence: { clusterState: 'fail' },
    remedy: 'Repair the network between the nodes, their cluster bus (port + 10000) included.',
    commands: ['redis-cli CLUSTER INFO', 'redis-cli CLUSTER NODES'],
  }
}

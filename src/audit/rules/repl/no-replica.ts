import { z } from 'zod'
import type { ClusterFacts, KeyspaceFacts } from '../../facts.js'
import { countOption } from '../../rule-options.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { shellWord } from '../commands.js'
import { counted, listed } from '../wording.js'

/** When the only server with the data fails, the data is away until it is back, or for good. */
export const rule = defineRule({
  id: 'repl/no-replica',
  severity: 'note',
  summary: 'A primary has no replica',
  needs: ['server', 'replication'],
  wants: ['cluster', 'keyspace'],
  options: z.strictObject({
    replicas: countOption(1, 'replicas that each primary should have'),
    keys: countOption(1000, 'keys below which a server is not worth one'),
  }),
  check({ server, replication, cluster, keyspace }, { replicas, keys }) {
    if (server.keys < keys) return []
    if (cluster) return ofShards(cluster, replicas)
    // Who is a replica has a primary that has one.
    if (server.role === 'replica' || server.topology === 'cluster') return []
    const online = replication.replicas.filter(({ state }) => state === 'online').length
    return online >= replicas ? [] : [ofServer(online, server.keys, keyspace)]
  },
})

function ofServer(online: number, keys: number, keyspace: KeyspaceFacts | undefined): FindingDraft {
  const durable = keyspace?.patterns.filter((pattern) => pattern.durable && pattern.keys.value > 0).map(({ pattern }) => pattern) ?? []
  return {
    about: 'replicas',
    message: `${online === 0 ? 'none' : online} for ${counted(keys, 'key')}${durable.length > 0 ? `, ${listed(durable)} among them, which look durable` : ''}`,
    evidence: { replicas: online, keys, durablePatterns: durable.length },
    remedy: 'Add a replica on another machine, and something that promotes it: sentinels, or a cluster.',
    commands: ["redis-cli -h '<new replica>' REPLICAOF '<primary>' 6379"],
    severity: durable.length > 0 ? 'warning' : 'note',
  }
}

function ofShards({ nodes }: ClusterFacts, wanted: number): FindingDraft[] {
  const isWell = (node: ClusterFacts['nodes'][number]) => node.connected && !node.flags.some((flag) => flag.startsWith('fail'))
  const primaries = nodes.filter(({ role, slots }) => role === 'master' && slots.length > 0)
  const alone = primaries.filter(({ id }) => nodes.filter((node) => node.masterId === id && isWell(node)).length < wanted)
  if (alone.length === 0) return []
  return [
    {
      about: 'shards',
      message: `${alone.length} of ${primaries.length} ${alone.length === 1 ? 'has' : 'have'} ${
        wanted === 1 ? 'no replica that is well' : `fewer than ${wanted} replicas that are well`
      }: ${listed(alone.map(({ address }) => address))}`,
      evidence: { shards: alone.length, of: primaries.length },
      remedy: 'Add a replica to each: without one, a failed primary takes its slots down, and by default the whole cluster.',
      commands: [
        `redis-cli --cluster add-node '<new host:port>' ${shellWord(alone[0]!.address)} --cluster-slave --cluster-master-id ${alone[0]!.id}`,
      ],
      severity: 'warning',
    },
  ]
}

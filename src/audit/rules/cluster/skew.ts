import { z } from 'zod'
import { formatBytes, formatNumber } from '../../../core/units.js'
import type { ServerFacts } from '../../../redis/server-facts.js'
import type { ClusterFacts, KeyspaceFacts } from '../../facts.js'
import { bytesOption, countOption, shareOption } from '../../rule-options.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { shellWord } from '../commands.js'
import { percent } from '../wording.js'

/** The fullest shard sets the limit of all: it evicts or refuses writes while the others have room. */
export const rule = defineRule({
  id: 'cluster/skew',
  severity: 'warning',
  summary: 'Shards hold very different numbers of keys or bytes',
  needs: ['keyspace'],
  wants: ['cluster'],
  options: z.strictObject({
    share: shareOption(0.2, 'distance from the mean, as a share of it, above which a shard is reported'),
    keys: countOption(10_000, 'keys that this must be'),
    bytes: bytesOption('100MB', 'bytes that this must be'),
  }),
  inapplicable: (server: ServerFacts) => (server.topology === 'cluster' ? undefined : 'not a cluster'),
  check: ({ keyspace, cluster }, { share, keys, bytes }) => [
    ...skewOf('bytes', keyspace, cluster, share, bytes),
    ...skewOf('keys', keyspace, cluster, share, keys),
  ],
  blind: ({ keyspace }) => (keyspace.shards.length > 1 ? undefined : { kind: 'not applicable', why: 'there is one shard' }),
})

type Measure = 'keys' | 'bytes'

function skewOf(
  measure: Measure,
  { shards, complete }: KeyspaceFacts,
  cluster: ClusterFacts | undefined,
  share: number,
  floor: number,
): FindingDraft[] {
  // Of a shard that was read half, or not at all, nobody knows how much it holds.
  if (shards.length < 2 || !complete) return []
  const mean = shards.reduce((sum, shard) => sum + shard[measure], 0) / shards.length
  const uneven = shards.filter((shard) => Math.abs(shard[measure] - mean) > Math.max(share * mean, floor))
  if (uneven.length === 0) return []
  const [fullest, emptiest] = extremes(shards, measure)
  const bySlots = cluster !== undefined && followsSlots(cluster, fullest.name, fullest[measure] / mean)
  return [
    {
      about: 'shards',
      role: measure,
      message: `are uneven in ${measure}: ${fullest.name} holds ${said(measure, fullest[measure])}, ${percent(fullest[measure] / mean - 1)} more than the mean of ${
        shards.length
      } shards (${said(measure, mean)}), and ${emptiest.name} ${said(measure, emptiest[measure])}`,
      evidence: {
        largest: fullest[measure],
        mean,
        measure,
        shards: shards.length,
        unevenShards: uneven.length,
        followsSlots: bySlots,
      },
      remedy: bySlots
        ? 'It has more slots than the others, too: spread the slots evenly.'
        : 'Slots are not the reason: look for hash tags that hold many keys (cluster/hash-tag) and for big keys (mem/big-collection).',
      commands: [`redis-cli --cluster ${bySlots ? 'rebalance' : 'info'} ${shellWord(fullest.name)}${bySlots ? ' --cluster-simulate' : ''}`],
    },
  ]
}

type Shard = KeyspaceFacts['shards'][number]

function extremes(shards: readonly Shard[], measure: Measure): [Shard, Shard] {
  const sorted = shards.toSorted((a, b) => b[measure] - a[measure])
  return [sorted[0]!, sorted.at(-1)!]
}

function said(measure: Measure, value: number): string {
  return measure === 'bytes' ? formatBytes(value) : formatNumber(Math.round(value))
}

/** Whether a shard's share of the slots is at least half as much above the mean as what it holds. */
function followsSlots({ nodes }: ClusterFacts, address: string, timesMean: number): boolean {
  const counts = nodes.filter(({ slots }) => slots.length > 0).map((node) => ({ address: node.address, slots: slotCount(node.slots) }))
  const own = counts.find((node) => node.address === address)?.slots
  const mean = counts.reduce((sum, { slots }) => sum + slots, 0) / counts.length
  return own !== undefined && own / mean - 1 >= (timesMean - 1) / 2
}

function slotCount(slots: readonly (readonly [number, number])[]): number {
  return slots.reduce((sum, [from, to]) => sum + to - from + 1, 0)
}

import { z } from 'zod'
import { formatBytes, formatCount, formatDuration } from '../../../core/units.js'
import type { ServerFacts } from '../../../redis/server-facts.js'
import type { ClusterFacts, KeyspaceFacts } from '../../facts.js'
import { bytesOption, countOption, durationOption, shareOption } from '../../rule-options.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { percent } from '../wording.js'

/** A slot is never split: what it costs falls on one node, however many there are. */
export const rule = defineRule({
  id: 'cluster/hot-slot',
  severity: 'warning',
  summary: 'One slot takes far more CPU or memory than the others',
  needs: ['cluster'],
  wants: ['keyspace'],
  options: z.strictObject({
    times: countOption(10, 'times the median above which the top slot is reported'),
    share: shareOption(0.01, 'share of all slots together that it must be'),
    cpu: durationOption('10s', 'CPU time that it must have taken'),
    bytes: bytesOption('10MB', 'bytes that it must hold'),
  }),
  inapplicable: (server: ServerFacts) => (server.topology === 'cluster' ? undefined : 'not a cluster'),
  check({ cluster, keyspace }, { times, share, cpu, bytes }) {
    const bounds = { times, share }
    return [
      ...hot('cpu', cpuBySlot(cluster), { ...bounds, floor: cpu * 1000 }),
      ...hot('bytes', bytesBySlot(cluster, keyspace), { ...bounds, floor: bytes }),
    ]
  },
  blind: ({ cluster, keyspace }) =>
    cpuBySlot(cluster).length === 0 && bytesBySlot(cluster, keyspace).length === 0
      ? { kind: 'not assessed', why: 'neither CLUSTER SLOT-STATS (Valkey 8.0, Redis 8.2) nor the scan tells what slots hold' }
      : undefined,
})

interface Slot {
  slot: number
  value: number
}

function cpuBySlot({ slotStats }: ClusterFacts): Slot[] {
  return (slotStats ?? []).flatMap(({ slot, cpuUsec }) => (cpuUsec === undefined || cpuUsec === 0 ? [] : [{ slot, value: cpuUsec }]))
}

/** As the scan added them up, else as the server tells. */
function bytesBySlot({ slotStats }: ClusterFacts, keyspace: KeyspaceFacts | undefined): Slot[] {
  if (keyspace?.slots) return Array.from(keyspace.slots.bytes, (value, slot) => ({ slot, value })).filter(({ value }) => value > 0)
  return (slotStats ?? []).flatMap(({ slot, bytes }) => (bytes === undefined || bytes === 0 ? [] : [{ slot, value: bytes }]))
}

/** Of the slots that hold or cost anything at all: in a small keyspace most are empty. */
function hot(measure: 'cpu' | 'bytes', slots: readonly Slot[], bounds: { times: number; share: number; floor: number }): FindingDraft[] {
  const sorted = slots.toSorted((a, b) => b.value - a.value)
  const top = sorted[0]
  const median = sorted[Math.floor(sorted.length / 2)]?.value
  if (!top || median === undefined) return []
  const total = sorted.reduce((sum, { value }) => sum + value, 0)
  if (top.value <= bounds.times * median || top.value < bounds.share * total || top.value < bounds.floor) return []
  const said = measure === 'cpu' ? `took ${formatDuration(top.value / 1000)} of CPU` : `holds ${formatBytes(top.value)}`
  return [
    {
      about: 'slots',
      role: measure,
      message: `slot ${top.slot} ${said}, ${formatCount(Math.round(top.value / median))} times the median and ${percent(top.value / total)} of all`,
      evidence: {
        slot: top.slot,
        [measure === 'cpu' ? 'cpuSeconds' : 'bytes']: measure === 'cpu' ? top.value / 1e6 : top.value,
        timesMedian: top.value / median,
        share: top.value / total,
      },
      remedy:
        measure === 'cpu'
          ? 'Find the hot key in it: spread it over several keys, cache it in the clients, or read it from replicas.'
          : 'Find the big key or the hash tag in it, and split it over several.',
      commands: [
        `redis-cli CLUSTER GETKEYSINSLOT ${top.slot} 100`,
        ...(measure === 'cpu' ? ['redis-cli CLUSTER SLOT-STATS ORDERBY CPU-USEC LIMIT 10'] : []),
      ],
    },
  ]
}

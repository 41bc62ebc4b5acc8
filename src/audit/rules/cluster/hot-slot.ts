import { z } from 'zod'
import { formatBytes, formatNumber, formatDuration } from '../../../core/units.js'
import type { ServerFacts } from '../../../redis/server-facts.js'
import type { ClusterFacts, KeyspaceFacts } from '../../facts.js'
import { bytesOption, countOption, durationOption, shareOption } from '../../rule-options.js'
import { slotOf } from '../../inventory/slots.js'
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
      ...hot('cpu', cpuBySlot(cluster), keyspace, { ...bounds, floor: cpu * 1000 }),
      ...hot('bytes', bytesBySlot(cluster, keyspace), keyspace, { ...bounds, floor: bytes }),
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

type Measure = 'cpu' | 'bytes'

/** Of the slots that hold or cost anything at all: in a small keyspace most are empty. */
function hot(
  measure: Measure,
  slots: readonly Slot[],
  keyspace: KeyspaceFacts | undefined,
  bounds: { times: number; share: number; floor: number },
): FindingDraft[] {
  const sorted = slots.toSorted((a, b) => b.value - a.value)
  const top = sorted[0]
  const median = sorted[Math.floor(sorted.length / 2)]?.value
  if (!top || median === undefined) return []
  const share = top.value / sorted.reduce((sum, { value }) => sum + value, 0)
  if (top.value <= bounds.times * median || share < bounds.share || top.value < bounds.floor) return []
  return [finding(measure, top, { timesMedian: top.value / median, share }, keyspace)]
}

function finding(
  measure: Measure,
  { slot, value }: Slot,
  size: { timesMedian: number; share: number },
  keyspace: KeyspaceFacts | undefined,
): FindingDraft {
  const tag = keyspace?.hashTags.find((each) => slotOf(bytesOf(`{${each.tag}}`)) === slot)?.tag
  const said = measure === 'cpu' ? `took ${formatDuration(value / 1000)} of CPU` : `holds ${formatBytes(value)}`
  const times = `${formatNumber(Math.round(size.timesMedian))} times the median and ${percent(size.share)} of all`
  return {
    about: 'slots',
    role: measure,
    message: `slot ${slot} ${said}, ${times}${tag === undefined ? '' : `; the hash tag {${tag}} is in it`}`,
    evidence: { slot, ...(measure === 'cpu' ? { cpuSeconds: value / 1e6 } : { bytes: value }), ...size },
    remedy:
      measure === 'cpu'
        ? 'Find the hot key in it: spread it over several keys, cache it in the clients, or read it from replicas.'
        : 'Find the big key or the hash tag in it, and split it over several.',
    commands: [
      `redis-cli CLUSTER GETKEYSINSLOT ${slot} 100`,
      ...(measure === 'cpu' ? ['redis-cli CLUSTER SLOT-STATS ORDERBY CPU-USEC LIMIT 10'] : []),
    ],
    examples: (keyspace?.top.bytes ?? [])
      .map(({ key }) => key)
      .filter((key) => slotOf(bytesOf(key)) === slot)
      .slice(0, 3),
  }
}

const bytesOf = (text: string) => new TextEncoder().encode(text)

import { safeText } from '../../core/text.js'
import { type Info, numberOf } from '../../redis/info.js'
import { factsOf } from '../../redis/server-facts.js'
import { deltaOf } from '../../redis/snapshot.js'
import type { WatchCommand, WatchRates, WatchState } from '../../schema/watch.js'

/** How many commands a sample names. */
const TOP = 8

/** What a reply of INFO tells of the moment. */
export function stateOf(info: Info): WatchState {
  const { engine, version, role, usedMemoryBytes, maxmemoryBytes } = factsOf(info)
  return {
    server: safeText(`${engine} ${version}, ${role}`),
    usedMemoryBytes,
    maxmemoryBytes,
    fragmentation: numberOf(info, 'mem_fragmentation_ratio'),
    clients: numberOf(info, 'connected_clients') ?? 0,
    blockedClients: numberOf(info, 'blocked_clients') ?? 0,
    replicationLagSeconds: lagOf(info, role),
  }
}

/** What two replies of INFO that are `seconds` apart tell of the time between them. */
export function ratesOf(before: Info, after: Info, seconds: number): WatchRates {
  const { keyspace, evicted, expired, commands, cpu } = deltaOf(before, after, seconds)
  const lookups = keyspace.hits + keyspace.misses
  const latencies = latenciesOf(after)
  const counted: WatchCommand[] = Object.entries(commands).map(([command, { calls, usec }]) => ({
    command: safeText(command),
    callsPerSecond: calls / seconds,
    timeShare: usec / 1e6 / seconds,
    latency: latencies.get(command),
  }))
  const top = (by: 'callsPerSecond' | 'timeShare') => counted.toSorted((a, b) => b[by] - a[by] || order(a.command, b.command)).slice(0, TOP)
  return {
    seconds,
    evicted: evicted / seconds,
    expired: expired / seconds,
    hits: keyspace.hits / seconds,
    misses: keyspace.misses / seconds,
    hitRate: lookups === 0 ? undefined : keyspace.hits / lookups,
    operations: counted.reduce((sum, { callsPerSecond }) => sum + callsPerSecond, 0),
    cpuShare: cpu.share,
    topByCalls: top('callsPerSecond'),
    topByTime: top('timeShare'),
  }
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** `slave0:ip=10.0.0.2,port=6379,state=online,offset=1234,lag=1` of a master, `master_last_io_seconds_ago` of a replica. */
function lagOf(info: Info, role: 'master' | 'replica'): number | undefined {
  if (role === 'replica') {
    if (info.fields.get('master_link_status') !== 'up') return Infinity
    return numberOf(info, 'master_last_io_seconds_ago')
  }
  const lags = [...(info.sections.get('replication') ?? [])]
    .filter(([name]) => /^slave\d+$/.test(name))
    .map(([, value]) => (/state=online/.test(value) ? Number(/lag=(\d+)/.exec(value)?.[1] ?? NaN) : Infinity))
    .filter((lag) => !Number.isNaN(lag))
  return lags.length === 0 ? undefined : Math.max(...lags)
}

/** INFO latencystats by command: `latency_percentiles_usec_get:p50=0.001,p99=1.003,p99.9=3.007`. */
function latenciesOf(info: Info): Map<string, { p50Ms: number; p99Ms: number }> {
  const latencies = new Map<string, { p50Ms: number; p99Ms: number }>()
  for (const [name, value] of info.sections.get('latencystats') ?? []) {
    const command = name.replace(/^latency_percentiles_usec_/, '')
    const p50 = Number(/(?:^|,)p50=([\d.]+)/.exec(value)?.[1] ?? NaN)
    const p99 = Number(/(?:^|,)p99=([\d.]+)/.exec(value)?.[1] ?? NaN)
    // Which percentiles are told is configurable (latency-tracking-info-percentiles).
    if (Number.isFinite(p50) && Number.isFinite(p99)) latencies.set(command, { p50Ms: p50 / 1000, p99Ms: p99 / 1000 })
  }
  return latencies
}

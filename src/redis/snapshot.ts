import type { ServerDelta } from '../schema/result.js'
import type { Client } from '../wire/client.js'
import { type CommandStat, type Info, commandStats, numberOf, readInfo, totalKeys } from './info.js'

/** What the server's own counters tell of a round. */
export type CounterDelta = Omit<ServerDelta, 'runQueueShare'>

/** The server's counters at one moment. */
export type Snapshot = Info

/** Reads the counters, with one INFO of some 0.1 ms: cheap enough to stand before and after a measurement. */
export function takeSnapshot(client: Client): Promise<Snapshot> {
  return readInfo(client)
}

/**
 * What the server did between two snapshots that are `seconds` apart, without the INFO of the first. A counter that went
 * backwards was reset in between, and so are all of a server that was started again: what they counted since is taken (see
 * `disturbanceBetween`).
 */
export function deltaOf(before: Snapshot, after: Snapshot, seconds: number): CounterDelta {
  const earlier = isSameProcess(before, after) ? before : NEWLY_STARTED
  const number = (name: string) => numberOf(after, name) ?? 0
  const grown = (name: string) => increase(numberOf(earlier, name) ?? 0, number(name))
  const cpu = { userSeconds: grown('used_cpu_user'), systemSeconds: grown('used_cpu_sys') }
  return {
    seconds,
    commands: Object.fromEntries(commandDeltas(earlier, after)),
    cpu: { ...cpu, share: mainThreadSeconds(after, grown, cpu.userSeconds + cpu.systemSeconds) / seconds },
    memory: {
      usedBytes: number('used_memory'),
      deltaBytes: number('used_memory') - (numberOf(before, 'used_memory') ?? 0),
      rssBytes: number('used_memory_rss'),
      fragmentation: number('mem_fragmentation_ratio'),
      maxBytes: number('maxmemory'),
    },
    keyspace: { hits: grown('keyspace_hits'), misses: grown('keyspace_misses'), keys: totalKeys(after) },
    evicted: grown('evicted_keys'),
    expired: grown('expired_keys'),
    forks: forksBetween(earlier, after),
    network: { inBytes: grown('total_net_input_bytes'), outBytes: grown('total_net_output_bytes') },
  }
}

/** The counters of a server that has done nothing yet. */
const NEWLY_STARTED: Snapshot = { fields: new Map(), sections: new Map() }

const isSameProcess = (before: Snapshot, after: Snapshot) => before.fields.get('run_id') === after.fields.get('run_id')

/** What makes the two snapshots' difference less than the whole truth, as a sentence; undefined when nothing does. */
export function disturbanceBetween(before: Snapshot, after: Snapshot): string | undefined {
  if (!isSameProcess(before, after)) return 'the server was restarted, or another one answers at its address'
  const [statsBefore, statsAfter] = [commandStats(before), commandStats(after)]
  const fell = [...statsBefore].some(([name, stat]) => (statsAfter.get(name)?.calls ?? 0) < stat.calls)
  // The first snapshot's own INFO has been counted since, unless the counters were reset.
  const info = (statsAfter.get('info')?.calls ?? 0) <= (statsBefore.get('info')?.calls ?? 0)
  const counters = COUNTERS.some((name) => (numberOf(after, name) ?? 0) < (numberOf(before, name) ?? 0))
  return fell || info || counters ? "the server's statistics were reset (CONFIG RESETSTAT)" : undefined
}

const COUNTERS = ['total_connections_received', 'total_commands_processed', 'total_net_input_bytes', 'keyspace_hits', 'expired_keys']

function increase(before: number, after: number): number {
  return after >= before ? after - before : after
}

function commandDeltas(before: Snapshot, after: Snapshot): Map<string, CommandStat> {
  const earlier = commandStats(before)
  const deltas = new Map<string, CommandStat>()
  for (const [name, now] of commandStats(after)) {
    const then = earlier.get(name)
    const delta = then && now.calls >= then.calls ? difference(now, then) : now
    const others = name === 'info' && before !== NEWLY_STARTED ? withoutOneCall(delta) : delta
    if (others.calls > 0 || others.rejected > 0) deltas.set(name, others)
  }
  return deltas
}

function difference(now: CommandStat, then: CommandStat): CommandStat {
  return {
    calls: now.calls - then.calls,
    usec: now.usec - then.usec,
    rejected: now.rejected - then.rejected,
    failed: now.failed - then.failed,
  }
}

/** The INFO of the first snapshot counts only after it was answered; its time is taken to be the mean. */
function withoutOneCall(stat: CommandStat): CommandStat {
  if (stat.calls === 0) return stat
  return { ...stat, calls: stat.calls - 1, usec: Math.round((stat.usec * (stat.calls - 1)) / stat.calls) }
}

/** CPU time of the thread that runs the commands, told from 7.0 on; before, of the process, which had few others. */
function mainThreadSeconds(after: Snapshot, grown: (name: string) => number, processSeconds: number): number {
  if (numberOf(after, 'used_cpu_user_main_thread') === undefined) return processSeconds
  return grown('used_cpu_user_main_thread') + grown('used_cpu_sys_main_thread')
}

/** `total_forks` is told from 6.2 on; before, another duration of the last fork betrays at least one. */
function forksBetween(before: Snapshot, after: Snapshot): number {
  const total = numberOf(after, 'total_forks')
  if (total !== undefined) return increase(numberOf(before, 'total_forks') ?? 0, total)
  return (numberOf(before, 'latest_fork_usec') ?? 0) === (numberOf(after, 'latest_fork_usec') ?? 0) ? 0 : 1
}

import { safeText } from '../../core/text.js'
import { type CommandStat, commandStats, type Info, numberOf } from '../../redis/info.js'
import type { NodeResult } from '../../schema/audit.js'
import type { Counters } from '../facts.js'

/** What an audit keeps of INFO for the next one. */
export type SavedCounters = NodeResult['counters']

/** An earlier audit of the same server. */
export interface EarlierAudit {
  /** Milliseconds since the epoch, when its counters were read. */
  at: number
  counters: SavedCounters
}

/** Fields of INFO that only grow, until the server is restarted or CONFIG RESETSTAT is sent. */
const COUNTING: readonly string[] = [
  ...['total_connections_received', 'total_commands_processed', 'total_net_input_bytes', 'total_net_output_bytes'],
  ...[
    'total_net_repl_input_bytes',
    'total_net_repl_output_bytes',
    'rejected_connections',
    'sync_full',
    'sync_partial_ok',
    'sync_partial_err',
  ],
  ...[
    'expired_keys',
    'expired_subkeys',
    'expired_fields',
    'expired_time_cap_reached_count',
    'expire_cycle_cpu_milliseconds',
    'evicted_keys',
  ],
  ...['evicted_clients', 'evicted_scripts', 'total_eviction_exceeded_time', 'keyspace_hits', 'keyspace_misses', 'total_forks'],
  ...['total_active_defrag_time', 'unexpected_error_replies', 'total_error_replies', 'dump_payload_sanitizations'],
  ...['total_reads_processed', 'total_writes_processed', 'io_threaded_reads_processed', 'io_threaded_writes_processed'],
  ...['client_query_buffer_limit_disconnections', 'client_output_buffer_limit_disconnections', 'reply_buffer_expands'],
  ...['acl_access_denied_auth', 'acl_access_denied_cmd', 'acl_access_denied_key', 'acl_access_denied_channel'],
  ...['used_cpu_sys', 'used_cpu_user', 'used_cpu_sys_main_thread', 'used_cpu_user_main_thread'],
  ...['aof_delayed_fsync', 'aof_rewrites', 'rdb_saves'],
]

/** The counters in an INFO, as the result document keeps them. */
export function saveCounters(info: Info): SavedCounters {
  const fields = COUNTING.flatMap((name) => {
    const value = numberOf(info, name)
    return value === undefined || value < 0 ? [] : [[name, value] as const]
  })
  return { runId: runIdOf(info), fields: Object.fromEntries(fields), commands: Object.fromEntries(commandsIn(info)) }
}

export interface CounterReadings {
  /** INFO before the audit sent anything else. */
  before: Info
  /** Milliseconds since the epoch, when `before` was read. */
  at: number
  /** INFO when the audit had ended. */
  after?: Info | undefined
  /** Seconds from `before` to `after`. */
  seconds?: number
  earlier?: EarlierAudit | undefined
}

/**
 * What the counters did since the earlier audit, or else since the server started. The audit's own commands are not among them: it
 * read `before` before it sent any, and an earlier audit read its last INFO after all that it had sent.
 */
export function countersOf({ before, at, after, seconds = 0, earlier }: CounterReadings): Counters {
  const since = earlier && continues(earlier.counters, before) ? earlier : undefined
  const base = since?.counters.fields ?? {}
  const commands = new Map([...commandsIn(before)].map(([name, stat]) => [name, minus(stat, since?.counters.commands[name])]))
  return {
    basis: since ? 'previous audit' : 'server start',
    seconds: since ? Math.max(0, at - since.at) / 1000 : (numberOf(before, 'uptime_in_seconds') ?? 0),
    // A field that the earlier audit did not keep is no counter, or came with an upgrade, which is a restart.
    grown: (field) => growth(numberOf(before, field), since ? (base[field] ?? numberOf(before, field)) : 0),
    commands: new Map([...commands].filter(([, { calls, rejected }]) => calls > 0 || rejected > 0)),
    during: { seconds: after ? seconds : 0, grown: (field) => (after ? growth(numberOf(after, field), numberOf(before, field)) : 0) },
  }
}

/** Whether nothing has set the counters back since: the same process, and none of them is smaller. */
function continues(earlier: SavedCounters, now: Info): boolean {
  if (earlier.runId === '' || earlier.runId !== runIdOf(now)) return false
  return Object.entries(earlier.fields).every(([name, value]) => (numberOf(now, name) ?? value) >= value)
}

function growth(now: number | undefined, before: number | undefined): number {
  return Math.max(0, (now ?? 0) - (before ?? 0))
}

function minus(now: CommandStat, before: CommandStat | undefined): CommandStat {
  return {
    calls: growth(now.calls, before?.calls),
    usec: growth(now.usec, before?.usec),
    rejected: growth(now.rejected, before?.rejected),
    failed: growth(now.failed, before?.failed),
  }
}

function commandsIn(info: Info): Map<string, CommandStat> {
  return new Map([...commandStats(info)].map(([name, stat]) => [safeText(name), stat]))
}

function runIdOf(info: Info): string {
  return safeText(info.fields.get('run_id') ?? '')
}

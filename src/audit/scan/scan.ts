import { setMaxListeners } from 'node:events'
import { InputError } from '../../core/errors.js'
import { sumOfTraffic } from '../../wire/traffic.js'
import type { KeySink, Stratum } from '../key-record.js'
import type { ScanOptions, ScanReport, ScanTarget, ShardReport } from './report.js'
import { type Share, shareOut } from './sample-plan.js'
import { ShardScan } from './shard-scan.js'

export type { KeyCounts, ScanOptions, ScanReport, ScanState, ScanTarget, ShardReport, ShardState } from './report.js'

const BACKOFF_MS = [200, 1000, 4000]

/**
 * Reads five facts of each key (PTTL, MEMORY USAGE, OBJECT ENCODING, OBJECT IDLETIME or FREQ, and TYPE where the encoding does not tell) and the lengths of large collections, and
 * hands them to the sink. All targets at once, each over one connection, as fast as its pace allows. Only read commands are sent, and
 * no values are fetched.
 *
 * Each key is delivered once. On a still keyspace all are; on one that changes, those that are there from beginning to end
 * are, and keys that come, go or are renamed meanwhile may or may not be, as SCAN has it.
 *
 * A lost connection is replaced, also where the server says that it can't work for a while, and the scan goes on where the last batch was
 * delivered whole, unless the server was restarted. Whatever ends the scan of a target early is in the report, and the others go on.
 * Throws InputError when the options contradict each other, and what the sink throws.
 */
export async function scanKeyspace(targets: readonly ScanTarget[], sink: KeySink, options: ScanOptions): Promise<ScanReport> {
  const shares = sharesOf(targets, options)
  const strata: Stratum[] = []
  // Many connections listen to one signal.
  const ending = new AbortController()
  setMaxListeners(0, ending.signal)
  const onAbort = () => ending.abort(options.signal.reason)
  if (options.signal.aborted) onAbort()
  options.signal.addEventListener('abort', onAbort, { once: true })
  try {
    const scans: ShardScan[] = []
    const onProgress = () => options.onProgress?.(scans.reduce((sum, scan) => sum + scan.counts.keysSeen, 0))
    for (const target of targets) {
      const context = { sink, strata, shares: shares?.filter(({ shard }) => shard === target.shard), signal: ending.signal, onProgress }
      scans.push(new ShardScan(target, { backoffMs: BACKOFF_MS, ...options }, context))
    }
    const reports = await Promise.all(scans.map((scan) => scan.run()))
    const state = shares ? undefined : { shards: scans.map((scan) => scan.state) }
    return { ...merged(reports), mode: shares ? 'sample' : 'full', strata, shards: reports, state }
  } catch (error) {
    ending.abort(error)
    throw error
  } finally {
    options.signal.removeEventListener('abort', onAbort)
  }
}

/** How a sample is shared out; undefined for a full scan, also one that a sample amounts to. */
function sharesOf(targets: readonly ScanTarget[], { mode, resume }: ScanOptions): Share[] | undefined {
  if (mode.kind === 'full') return undefined
  if (resume) throw new InputError('a sample can not be resumed', { hint: 'draw it again; the same seed draws the same places' })
  const databases = targets.flatMap(({ shard, databases, keys }) => databases.map((db) => ({ shard, db, keys: keys.get(db) ?? 0 })))
  const shares = shareOut(databases, mode.keys)
  return shares.every(({ quota }) => quota === 'whole') ? undefined : shares
}

type Merged = Omit<ScanReport, 'mode' | 'strata' | 'shards' | 'state'>

function merged(reports: readonly ShardReport[]): Merged {
  const sum = (count: (report: ShardReport) => number) => reports.reduce((total, report) => total + count(report), 0)
  const lengths = new Set(reports.map((report) => report.lengths))
  const refused = new Map(reports.flatMap((report) => report.refused).map((one) => [one.command, one]))
  return {
    complete: reports.every((report) => report.complete),
    failure: reports.find((report) => report.failure)?.failure,
    keysSeen: sum((report) => report.keysSeen),
    vanished: sum((report) => report.vanished),
    repeated: sum((report) => report.repeated),
    denied: sum((report) => report.denied),
    elsewhere: sum((report) => report.elsewhere),
    longNames: sum((report) => report.longNames),
    ...sumOfTraffic(reports),
    reconnects: sum((report) => report.reconnects),
    lengths: lengths.size === 1 ? [...lengths][0]! : lengths.size === 0 ? 'none' : 'some',
    refused: [...refused.values()],
    databases: [...new Set(reports.flatMap((report) => report.databases))].toSorted((a, b) => a - b),
  }
}

import { InterruptedError } from '../core/errors.js'
import { safeText } from '../core/text.js'
import { formatNumber } from '../core/units.js'
import { numberOf } from '../redis/info.js'
import type { Cost, Coverage } from '../schema/audit.js'
import { displayAddress } from '../wire/address.js'
import { sumOfTraffic } from '../wire/traffic.js'
import { BudgetEnded, type BudgetReport } from './budget/budget.js'
import { Governor } from './budget/governor.js'
import type { ProbeThread } from './budget/probe-thread.js'
import type { Checkpoint } from './checkpoint.js'
import { OWN_NAME } from './own-name.js'
import type { KeyspaceFacts } from './facts.js'
import type { KeySink } from './key-record.js'
import { Inventory } from './inventory/inventory.js'
import type { AuditOptions } from './options.js'
import type { Pace } from './scan/pace.js'
import { shareOut } from './scan/sample-plan.js'
import type { ScanOptions, ScanReport, ScanState, ScanTarget } from './scan/report.js'
import { scanKeyspace } from './scan/scan.js'
import { withMissed } from './missed.js'
import { times } from './rules/wording.js'
import type { ShardToRead } from './shards.js'
import { type StreamKey, StreamKeys } from './stream-keys.js'

/** What was read of the keys, and what that cost. */
export interface KeyspaceReading {
  facts: KeyspaceFacts
  coverage: Coverage
  cost: Omit<Cost, 'seconds' | 'budget'>
  /** Why it ended early; undefined when it did not. */
  failure: Error | undefined
  /** Why the facts are not those of the keys: the server refused a command without which they can't be judged. */
  unreadable: string | undefined
  streams: StreamKey[]
  /** The pattern of a key. */
  patternOf(name: Uint8Array, db: number): string
  checkpoint: Checkpoint | undefined
}

/** Streams whose groups are looked at. */
const MOST_STREAMS = 200

/**
 * Reads the keys of all shards at once, each within its own budget. Whatever goes wrong on the way is in the reading. Throws
 * ConnectionError when a server can't be connected to in the first place, InputError when an audit can't be resumed.
 */
export async function readKeyspace(
  shards: readonly ShardToRead[],
  options: AuditOptions & { probes: ProbeThread },
  { nowSeconds, salt, shardCount }: { nowSeconds: number; salt: string | undefined; shardCount: number },
): Promise<KeyspaceReading> {
  const { resume } = options
  const databases = shards.map((shard) => databasesOf(shard, options))
  const inventoryOptions = {
    contracts: options.policy.contracts,
    nowSeconds,
    mode: isSample(databases, options.sample) ? ('sample' as const) : ('full' as const),
    shards: Array.from({ length: shardCount }, (_, index) => shards.find(({ shard }) => shard === index)?.name ?? ''),
    cluster: shards.some(isInCluster),
    redact: salt,
  }
  const inventory = resume ? Inventory.restore(resume.inventory, inventoryOptions) : new Inventory(inventoryOptions)
  const streams = new StreamKeys(inventory, MOST_STREAMS)
  const { report, targets, costs } = await scanWithin(shards, databases, streams, options)
  const finished = inventory.finish({ ...report, idleKnown: idleIsKnown(shards, report) })
  // Those that are missing hold not nothing, but nobody knows what.
  const seen = { ...finished, shards: finished.shards.filter(({ name }) => name !== '') }
  const { facts, note } = withMissed({ ...seen, lengths: hasCollections(seen) ? seen.lengths : 'all' }, datasetOf(shards, options))
  const coverage = coverageOf(report, targets, costs)
  return {
    facts,
    coverage: {
      ...coverage,
      lengths: facts.lengths,
      notes: [...coverage.notes, ...(note === undefined ? [] : [note]), ...unasked(streams)],
    },
    cost: costOf(report, costs),
    failure: options.signal.aborted ? new InterruptedError() : failureOf(report),
    unreadable: unreadableBecause(report),
    streams: streams.largest(),
    patternOf: (name, db) => inventory.patternOf(name, db),
    checkpoint: report.complete || !report.state ? undefined : checkpointOf(report.state, inventory, options, salt),
  }
}

function unasked({ seen }: StreamKeys): string[] {
  return seen > MOST_STREAMS ? [`of ${formatNumber(seen)} streams the ${MOST_STREAMS} largest were asked for their groups`] : []
}

interface Scanned {
  report: ScanReport
  targets: ScanTarget[]
  costs: BudgetReport[]
}

/** Of strings nobody needs to ask how many elements they have. */
function hasCollections({ types }: KeyspaceFacts): boolean {
  return [...types.keys()].some((type) => type !== 'string')
}

/** What the data of all servers take (INFO memory), names and values. Undefined where only some databases are read. */
function datasetOf(shards: readonly ShardToRead[], options: AuditOptions): number | undefined {
  if (shards.some((shard) => !shard.info || databasesOf(shard, options).size < shard.keys.size)) return undefined
  return shards.reduce((sum, { info }) => sum + ((info && numberOf(info, 'used_memory_dataset')) ?? 0), 0)
}

/** Scans with a governor beside each server. */
async function scanWithin(
  shards: readonly ShardToRead[],
  databases: readonly ReadonlyMap<number, number>[],
  sink: KeySink,
  options: AuditOptions & { probes: ProbeThread },
): Promise<Scanned> {
  const { budget, limits, timeoutMs, signal, probes } = options
  const connect = { protocol: 2 as const, timeoutMs, signal, name: OWN_NAME }
  // Who has no keys need not be watched for a second before they are read.
  const wanted = shards.flatMap((shard, index) => {
    const keys = databases[index]!
    return options.resume || [...keys.values()].some((count) => count > 0) ? [{ shard, keys }] : []
  })
  const opening = await Promise.allSettled(
    wanted.map(({ shard: { address } }) => Governor.open(address, budget, limits, { connect, probes })),
  )
  const governors = opening.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const [first] = opening
  if (governors.length === 0 && first?.status === 'rejected') throw first.reason
  const finish = () => Promise.all(governors.map((governor) => governor.finish()))
  const paces = opening.map((one) => (one.status === 'fulfilled' ? one.value : never(one.reason)))
  const targets = wanted.map(({ shard, keys }, index) => targetOf(shard, keys, paces[index]!))
  const progress = new ScanProgress(targets, governors, options)
  try {
    const report = await scanKeyspace(targets, sink, { ...scanOptions(shards, options), onProgress: (keys) => progress.tell(keys) })
    return { report, targets, costs: await finish() }
  } finally {
    progress.stop()
  }
}

/** The pace at a server that can't be watched, while the keys of others are read. */
function never(reason: unknown): Pace {
  return {
    batch: 1,
    window: 1,
    turn: () => Promise.reject(reason instanceof Error ? reason : new Error(String(reason))),
    done: () => undefined,
  }
}

/** Commands whose refusal leaves every record without what most rules judge by; without the others, one or two can't be assessed. */
const NEEDED: readonly string[] = ['TYPE', 'PTTL', 'MEMORY USAGE', 'OBJECT ENCODING']

function unreadableBecause({ refused }: ScanReport): string | undefined {
  const [first] = refused.filter(({ command }) => NEEDED.includes(command))
  return first && `${first.command} was refused (${safeText(first.why)})`
}

/** Why a scan failed; a limit that the user set is no failure. */
function failureOf({ shards }: ScanReport): Error | undefined {
  return shards.map(({ failure }) => failure).find((failure) => failure !== undefined && !(failure instanceof BudgetEnded))
}

/** Keys by database, of those that are to be read. */
function databasesOf({ keys }: ShardToRead, { databases, address }: AuditOptions): Map<number, number> {
  const chosen = databases ?? (address.db === 0 ? [...keys.keys()] : [address.db])
  return new Map(chosen.toSorted((a, b) => a - b).map((db) => [db, keys.get(db) ?? 0]))
}

/** Whether a sample is less than all there is. */
function isSample(databases: readonly ReadonlyMap<number, number>[], sample: number | undefined): boolean {
  if (sample === undefined) return false
  const all = databases.flatMap((keys, shard) => [...keys].map(([db, count]) => ({ shard, db, keys: count })))
  return shareOut(all, sample).some(({ quota }) => quota !== 'whole')
}

function targetOf(shard: ShardToRead, keys: ReadonlyMap<number, number>, pace: Pace): ScanTarget {
  const { shard: index, address } = shard
  return { shard: index, address, databases: [...keys.keys()], keys, cluster: isInCluster(shard), pace }
}

function scanOptions(shards: readonly ShardToRead[], options: AuditOptions): ScanOptions {
  const { sample, seed, signal, timeoutMs, mayTouch, resume, backoffMs } = options
  return {
    mode: sample === undefined ? { kind: 'full' } : { kind: 'sample', keys: sample },
    idle: shards.some(countsUse) ? 'freq' : 'idletime',
    lengths: mayTouch ? 'all' : 'untouched',
    seed,
    signal,
    connect: { timeoutMs, replyTimeoutMs: timeoutMs },
    resume: resume?.scan,
    ...(backoffMs && { backoffMs }),
  }
}

/** A scan that waits says why at least so often. */
const PROGRESS_EVERY_MS = 500

/** Tells how far the scan has come, and what holds it back: with every batch, and also while there are none. */
class ScanProgress {
  readonly #of: number
  readonly #governors: readonly Governor[]
  readonly #onProgress: AuditOptions['onProgress']
  readonly #startedAt = Date.now()
  readonly #timer = setInterval(() => this.tell(this.#keys), PROGRESS_EVERY_MS)
  #keys = 0

  constructor(targets: readonly ScanTarget[], governors: readonly Governor[], { sample, onProgress }: AuditOptions) {
    this.#of = sample ?? keysOf(targets)
    this.#governors = governors
    this.#onProgress = onProgress
  }

  tell(keys: number): void {
    this.#keys = keys
    const keysPerSecond = keys / Math.max(0.001, (Date.now() - this.#startedAt) / 1000)
    const note = this.#governors.find((governor) => governor.note !== undefined)?.note
    this.#onProgress({ kind: 'scan', keys, of: this.#of, keysPerSecond, note })
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}

function keysOf(targets: readonly ScanTarget[]): number {
  return targets.reduce((sum, { keys }) => sum + [...keys.values()].reduce((all, one) => all + one, 0), 0)
}

const isInCluster = ({ server }: ShardToRead) => server?.topology === 'cluster'

/** Under an LFU policy a server counts how often a key is used, and not how long ago. */
const countsUse = ({ server }: ShardToRead) => server?.maxmemoryPolicy.includes('lfu') === true

function idleIsKnown(shards: readonly ShardToRead[], { refused }: ScanReport): boolean {
  if (shards.some(({ role }) => role === 'replica')) return false
  return !shards.some(countsUse) && !refused.some(({ command }) => command === 'OBJECT IDLETIME')
}

function coverageOf(report: ScanReport, targets: readonly ScanTarget[], costs: readonly BudgetReport[]): Coverage {
  const { mode, complete, keysSeen, vanished, databases, lengths, refused } = report
  const counted = (count: number, what: string) => (count === 0 ? [] : [`${count} ${count === 1 ? 'key' : 'keys'} ${what}`])
  return {
    mode,
    complete,
    keysThere: keysOf(targets),
    keysSeen,
    vanished,
    databases: complete ? databases : [...new Set(targets.flatMap((target) => target.databases))].toSorted((a, b) => a - b),
    lengths,
    notes: [
      ...counted(report.denied, 'that this user may not read'),
      ...counted(report.elsewhere, 'in slots that their node does not serve'),
      ...counted(report.longNames, 'whose names are longer than a megabyte'),
      ...(report.reconnects === 0 ? [] : [`the scan was interrupted ${times(report.reconnects)} and went on; no key was counted twice`]),
      ...refused.map(({ command, why }) => `${command} was refused (${safeText(why)}): what it tells of keys is missing`),
      ...new Set(report.shards.flatMap(({ failure }) => (failure instanceof BudgetEnded ? failure.message : []))),
      ...new Set(costs.flatMap(({ reasons }) => reasons)),
    ],
  }
}

/** Of all servers together; the worst of their latencies. */
function costOf(report: ScanReport, costs: readonly BudgetReport[]): KeyspaceReading['cost'] {
  const sum = (of: (cost: BudgetReport) => number) => costs.reduce((total, cost) => total + of(cost), 0)
  const told = costs.filter(({ serverCpuSeconds }) => serverCpuSeconds !== null)
  const shares = costs.flatMap(({ serverCpuShare }) => serverCpuShare ?? [])
  const latencies = costs.flatMap(({ latency }) => latency ?? [])
  return {
    ...sumOfTraffic([report, ...costs.map(({ traffic }) => traffic)]),
    serverCpuSeconds: told.length === 0 ? null : sum(({ serverCpuSeconds }) => serverCpuSeconds ?? 0),
    serverCpuShare: shares.length === 0 ? null : Math.max(...shares),
    latency: latencies.toSorted((a, b) => b.addedP99Ms - a.addedP99Ms)[0] ?? null,
    pausedSeconds: sum(({ pausedSeconds }) => pausedSeconds),
    backOffs: sum(({ backOffs }) => backOffs),
  }
}

function checkpointOf(scan: ScanState, inventory: Inventory, options: AuditOptions, salt: string | undefined): Checkpoint {
  return {
    schema: 'redline/checkpoint@1',
    target: displayAddress(options.address),
    redact: salt ?? null,
    scan,
    inventory: inventory.save(),
  }
}

import { formatBytes, formatNumber, formatDuration, trim } from '../../core/units.js'
import type { AuditResult, Cost, Coverage, NodeResult } from '../../schema/audit.js'
import { paint, type Style } from '../style.js'
import { counted, exact, flow, percent, precisely, shown } from '../words.js'

/** What was audited, where and how far it was read, and what that cost. */
export function headerLines(result: AuditResult, style: Style): string[] {
  const [first = '', ...more] = flow(['redline audit', ...targetParts(result, style)], style)
  return [
    first.replace(/^redline audit/, paint('redline audit', 'strong', style)),
    ...more,
    ...(result.source === 'server' ? [...readingLines(result, style), ...costLines(result.cost, style)] : []),
    ...endingLines(result, style),
  ]
}

function targetParts({ target, source }: AuditResult, style: Style): string[] {
  const name = shown(target.name, style)
  if (source === 'files') return [name, 'files alone']
  const servers = target.nodes.filter(({ role }) => role !== 'sentinel')
  if (servers.length === 0) return [name]
  const heads = headsOf(servers)
  return [
    name,
    ...(target.topology === 'cluster' ? [`cluster of ${counted(servers.length, 'node')}`] : []),
    ...(target.topology === 'sentinel' ? [watchedText(target.nodes, style)] : []),
    listed(unique(servers.map(({ engine, version }) => shown(`${engine} ${version}`, style)))),
    `${formatNumber(sum(heads, ({ keys }) => keys))} keys`,
    memoryOf(heads),
    listed(unique(heads.map(({ maxmemoryPolicy }) => shown(maxmemoryPolicy, style)))),
  ]
}

/** `primary db-1:6379, behind 3 sentinels` */
function watchedText(nodes: readonly NodeResult[], style: Style): string {
  const primary = nodes.find(({ role }) => role === 'master')
  const sentinels = counted(nodes.filter(({ role }) => role === 'sentinel').length, 'sentinel')
  return primary === undefined ? `behind ${sentinels}` : `primary ${shown(primary.address, style)}, behind ${sentinels}`
}

/** Those that hold the keys: the primaries, or the replicas that were asked where no primary was. */
function headsOf(servers: readonly NodeResult[]): readonly NodeResult[] {
  const [primaries, read] = [servers.filter(({ role }) => role === 'master'), servers.filter(({ scanned }) => scanned)]
  return primaries.length > 0 ? primaries : read.length > 0 ? read : servers
}

function memoryOf(heads: readonly NodeResult[]): string {
  const used = formatBytes(sum(heads, ({ usedMemoryBytes }) => usedMemoryBytes))
  const limited = heads.filter(({ maxmemoryBytes }) => maxmemoryBytes > 0)
  if (limited.length === 0) return `${used}, no limit`
  if (limited.length < heads.length) return `${used}, ${exact(limited.length)} of ${exact(heads.length)} limited`
  return `${used} of ${formatBytes(sum(heads, ({ maxmemoryBytes }) => maxmemoryBytes))}`
}

function readingLines({ coverage, target }: AuditResult, style: Style): string[] {
  const { databases, vanished } = coverage
  const parts = [
    ...(coverage.mode === 'none' ? [] : sourceParts(target.nodes, style)),
    coverageText(coverage),
    ...(databases.join() === '0' || databases.length === 0
      ? []
      : [`${databases.length === 1 ? 'database' : 'databases'} ${databases.join(', ')}`]),
    ...(coverage.mode !== 'none' && coverage.lengths === 'none' ? ['without the lengths of collections'] : []),
    ...(vanished === 0 ? [] : [`${counted(vanished, 'key')} vanished meanwhile`]),
  ]
  const [first = '', ...more] = parts
  return flow([`read ${first}`, ...more], style).map((line) => (coverage.complete ? line : paint(line, 'doubtful', style)))
}

/** `from replica cache-2:6379, 1s behind`; nothing where the keys came from primaries alone. */
function sourceParts(nodes: readonly NodeResult[], style: Style): string[] {
  const replicas = nodes.filter(({ scanned, role }) => scanned && role === 'replica')
  const primaries = nodes.filter(({ scanned, role }) => scanned && role === 'master').length
  if (replicas.length === 0) return []
  const lags = replicas.map(({ lagSeconds }) => lagSeconds).filter((lag) => lag !== null)
  const most = Math.max(...lags)
  const behind =
    lags.length === 0 ? '' : most === 0 ? ', not behind' : `, ${replicas.length > 1 ? 'up to ' : ''}${formatDuration(most * 1000)} behind`
  if (replicas.length === 1 && primaries === 0) return [`from replica ${shown(replicas[0]!.address, style)}${behind}`]
  const others = primaries === 0 ? '' : ` and ${counted(primaries, 'primary', 'primaries')}`
  return [`from ${counted(replicas.length, 'replica')}${others}${behind}`]
}

function coverageText({ mode, complete, keysSeen, keysThere }: Coverage): string {
  if (mode === 'none') return 'no keys'
  if (complete && keysThere === 0) return 'all there is: no keys'
  const share = `${exact(keysSeen)} of ${exact(keysThere)} keys (${precisely(keysSeen, keysThere)})`
  if (mode === 'sample') return complete ? `a random sample of ${share}` : `a part of a random sample, ${share}`
  return complete ? `all ${exact(keysSeen)} keys` : `only ${share}`
}

/** CPU time is counted in ticks of 10 ms, and held to its limit over time. */
const CPU_TOLERANCE = 1.1

function costLines(cost: Cost, style: Style): string[] {
  const { serverCpuSeconds, serverCpuShare, latency, budget } = cost
  const cpuShare = serverCpuShare === null ? '' : ` (${percent(serverCpuShare)} of a core)`
  const parts = [
    `cost ${duration(cost.seconds)}`,
    ...(cost.commands === 0 ? [] : [`${formatNumber(cost.commands)} commands`]),
    ...(serverCpuSeconds === null || cost.commands === 0 ? [] : [`${duration(serverCpuSeconds)} of server CPU${cpuShare}`]),
    ...(latency === null ? [] : [latencyText(latency.addedP99Ms)]),
    ...limitParts(cost),
  ]
  const overdrawn =
    budget !== null && ((latency?.addedP99Ms ?? 0) > budget.addedP99Ms || (serverCpuShare ?? 0) > budget.cpuShare * CPU_TOLERANCE)
  return flow(parts, style).map((line) => paint(line, overdrawn ? 'doubtful' : 'dim', style))
}

/** Measured beside the scan against just before it: less than before is no news, and no merit of the audit. */
function latencyText(addedP99Ms: number): string {
  return addedP99Ms < 0.005 ? 'no added p99' : `+${trim(addedP99Ms, 2)} ms p99`
}

/** Waiting that takes a smaller share of the time is not worth a word. */
const WORTH_TELLING = 0.05

/** The limits, and what it took to keep to them. */
function limitParts({ budget, pausedSeconds, backOffs, seconds }: Cost): string[] {
  if (budget === null) return ['no limits']
  const limits = `limits ${trim(budget.addedP99Ms, 3)} ms, ${percent(budget.cpuShare)}`
  const waited = pausedSeconds > WORTH_TELLING * seconds ? `, waited ${duration(pausedSeconds)}` : ''
  const slowed = backOffs > 0 ? `, slowed down ${backOffs === 1 ? 'once' : `${exact(backOffs)} times`}` : ''
  return [`${limits}${waited}${slowed}`]
}

function endingLines({ interrupted, failure }: AuditResult, style: Style): string[] {
  if (interrupted) return [paint('interrupted: what follows is what was seen until then', 'bad', style)]
  if (failure === null) return []
  return flow([`ended early: ${shown(failure, style)}`], style).map((line) => paint(line, 'bad', style))
}

function duration(seconds: number): string {
  return formatDuration(Number(trim(seconds * 1000, 3)))
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)]
}

const MOST_LISTED = 3

function listed(values: readonly string[]): string {
  const rest = values.length - MOST_LISTED
  return [...values.slice(0, MOST_LISTED), ...(rest > 0 ? [`${exact(rest)} more`] : [])].join(', ')
}

function sum<T>(values: readonly T[], valueOf: (value: T) => number): number {
  return values.reduce((total, value) => total + valueOf(value), 0)
}

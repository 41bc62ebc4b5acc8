import { formatBytes, formatDuration, formatNumber, trim } from '../../core/units.js'
import type { AuditResult, Cost, Coverage } from '../../schema/audit.js'
import { counted, exact, percent, precisely } from '../words.js'
import { html, type Part } from './escape.js'
import { facts } from './parts.js'

/** How far the keys were read, and what that cost the server. */
export function costBody({ source, coverage, cost }: AuditResult): Part {
  if (source === 'files') return ''
  const { databases, vanished, lengths } = coverage
  return html`<div class="card">
      <h3>How far it was read</h3>
      ${facts([
        ['Keys', readText(coverage)],
        ['Databases', databases.length === 0 ? 'none' : databases.join(', ')],
        ['Lengths of collections', lengths === 'all' ? 'all' : lengths === 'some' ? 'of some' : 'not read'],
        vanished > 0 && ['Vanished meanwhile', counted(vanished, 'key')],
      ])}
    </div>
    <div class="card">
      <h3>What the audit cost</h3>
      ${facts(costFacts(cost))}
    </div>`
}

function readText({ mode, complete, keysSeen, keysThere }: Coverage): string {
  if (mode === 'none') return 'none'
  if (complete && keysThere === 0) return 'there are none'
  const part = `${exact(keysSeen)} of ${exact(keysThere)} (${precisely(keysSeen, keysThere)})`
  if (mode === 'sample') return complete ? `a random sample, ${part}` : `a part of a random sample, ${part}`
  return complete ? `all ${exact(keysSeen)}` : `only ${part}`
}

function costFacts(cost: Cost): Parameters<typeof facts>[0] {
  const { seconds, commands, bytesSent, bytesReceived, serverCpuSeconds, serverCpuShare, latency, budget, pausedSeconds, backOffs } = cost
  return [
    ['Time', duration(seconds)],
    ['Commands', formatNumber(commands)],
    ['Sent, received', `${formatBytes(bytesSent)}, ${formatBytes(bytesReceived)}`],
    serverCpuSeconds !== null && [
      'CPU time of the server',
      `${duration(serverCpuSeconds)}${serverCpuShare === null ? '' : `, ${percent(serverCpuShare)} of a core`}`,
    ],
    latency !== null && ['p99 of a PING beside it', `${trim(latency.p99DuringMs, 3)} ms, ${trim(latency.p99BeforeMs, 3)} ms before`],
    latency !== null && ['Added p99', latency.addedP99Ms < 0.005 ? 'none' : `${trim(latency.addedP99Ms, 2)} ms`],
    ['Limits', budget === null ? 'none' : `${trim(budget.addedP99Ms, 3)} ms of added p99, ${percent(budget.cpuShare)} of a core`],
    [
      'Waited to keep to them',
      `${duration(pausedSeconds)}${backOffs > 0 ? `, slowed down ${backOffs === 1 ? 'once' : `${exact(backOffs)} times`}` : ''}`,
    ],
  ]
}

function duration(seconds: number): string {
  return seconds === 0 ? 'not at all' : formatDuration(Number(trim(seconds * 1000, 3)))
}

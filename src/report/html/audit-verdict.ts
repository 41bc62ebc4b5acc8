import { formatBytes, formatNumber } from '../../core/units.js'
import { SEVERITIES, type AuditResult, type NodeResult, type Severity } from '../../schema/audit.js'
import { counted, exact } from '../words.js'
import { html, type Markup, type Part } from './escape.js'
import type { Icon } from './icons.js'
import type { Tone } from './page.js'
import { badge } from './parts.js'

/** How each severity looks. */
export const LOOKS: Record<Severity, { tone: Tone; icon: Icon }> = {
  error: { tone: 'bad', icon: 'bad' },
  warning: { tone: 'doubtful', icon: 'doubtful' },
  note: { tone: 'plain', icon: 'note' },
}

/** What an audit says in one sentence, and how bad that is. */
export function verdictOfAudit(result: AuditResult): { tone: Tone; verdict: string; lead: Markup } {
  const { findings, gate, rules } = result
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length
  const ended = result.interrupted || result.failure !== null || !result.coverage.complete
  const tone: Tone =
    count('error') > 0 || gate.exitCode === 1 ? 'bad' : count('warning') > 0 || ended || gate.exitCode !== 0 ? 'doubtful' : 'good'
  const passed =
    gate.exitCode === 0 ? badge(`passes, failing on ${gate.failOn}`, 'good', 'good') : badge(`exit code ${gate.exitCode}`, 'bad', 'bad')
  const lead = html`${endedText(result)}
    <ul class="tally">
      <li>${passed}</li>
      ${SEVERITIES.filter((severity) => count(severity) > 0).map(
        (severity) => html`<li>${badge(counted(count(severity), severity), LOOKS[severity].tone, LOOKS[severity].icon)}</li>`,
      )}
      <li>${badge(`${counted(rules.passed.length, 'rule')} passed`, 'plain', 'good')}</li>
      ${
        rules.notAssessed.length > 0 &&
        html`<li>${badge(`${exact(new Set(rules.notAssessed.map(({ rule }) => rule)).size)} not assessed`, 'plain', 'open')}</li>`
      }
    </ul>
    <p class="lead dim">${[targetText(result), ...gate.reasons].filter(Boolean).join(' · ')}</p>`
  return { tone, verdict: sentence(result, ended), lead }
}

/** `valkey 8.1.1 · 1M keys · 812 MB of 1 GB · allkeys-lru`: of the servers that hold the keys. */
function targetText({ target }: AuditResult): string {
  const servers = target.nodes.filter(({ role }) => role !== 'sentinel')
  if (servers.length === 0) return ''
  const primaries = servers.filter(({ role }) => role === 'master')
  const heads = primaries.length > 0 ? primaries : servers
  const total = (of: (node: NodeResult) => number) => heads.reduce((sum, node) => sum + of(node), 0)
  const [used, limit] = [total(({ usedMemoryBytes }) => usedMemoryBytes), total(({ maxmemoryBytes }) => maxmemoryBytes)]
  const names = (values: readonly string[]) => [...new Set(values)].slice(0, 3).join(', ')
  return [
    names(servers.map(({ engine, version }) => `${engine} ${version}`)),
    ...(servers.length > 1 ? [counted(servers.length, 'server')] : []),
    `${formatNumber(total(({ keys }) => keys))} keys`,
    limit > 0 ? `${formatBytes(used)} of ${formatBytes(limit)}` : `${formatBytes(used)}, no limit`,
    names(heads.map(({ maxmemoryPolicy }) => maxmemoryPolicy)),
  ].join(' · ')
}

function sentence({ findings, known, suppressed }: AuditResult, ended: boolean): string {
  if (findings.length > 0) {
    const parts = SEVERITIES.map((severity) => ({ severity, count: findings.filter((finding) => finding.severity === severity).length }))
      .filter(({ count }) => count > 0)
      .map(({ severity, count }) => counted(count, severity))
    return parts.length === 1 ? parts[0]! : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
  }
  if (ended) return 'Nothing was found in what was seen'
  return known.length + suppressed.length > 0 ? 'Nothing new was found' : 'Nothing was found'
}

function endedText({ interrupted, failure, coverage }: AuditResult): Part {
  if (failure !== null) return html`<p class="lead">The audit ended early: ${failure}</p>`
  if (interrupted) return html`<p class="lead">The audit was interrupted: what follows is what was seen until then.</p>`
  return (
    !coverage.complete &&
    coverage.mode !== 'none' &&
    html`<p class="lead">Only ${exact(coverage.keysSeen)} of ${exact(coverage.keysThere)} keys were read.</p>`
  )
}

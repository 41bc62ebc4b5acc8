import type { AuditResult, Finding, Severity } from '../../schema/audit.js'
import type { RuleHelp } from '../../schema/rule-help.js'
import { allFindings, type JudgedFinding } from './all-findings.js'
import { whole } from '../words.js'

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json'

/**
 * An audit as SARIF 2.1.0. Findings in files are at their place in it. Those about servers and keys have logical locations (server, pattern),
 * and as physical location a path that is made of the server's address: GitHub takes no result without one, and no address with a scheme. Rules have
 * their pages as help. What was not assessed is told as a notification.
 */
export function auditToSarif(audit: AuditResult, rules: ReadonlyMap<string, RuleHelp>): string {
  const findings = allFindings(audit)
  const ids = [...new Set(findings.map(({ finding }) => finding.rule))].toSorted()
  const log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'redline',
            version: whole(audit.tool.version),
            rules: ids.map((id) => descriptor(id, rules.get(id))),
          },
        },
        automationDetails: { id: `redline/audit/${whole(audit.target.name)}/` },
        invocations: [invocation(audit)],
        columnKind: 'unicodeCodePoints',
        results: findings.map((judged) => resultOf(judged, ids, audit)),
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

const LEVELS: Record<Severity, string> = { error: 'error', warning: 'warning', note: 'note' }

function descriptor(id: string, help: RuleHelp | undefined): object {
  const name = whole(id)
  const group = name.split('/')[0]!
  const tags = ['redis', group, ...(group === 'sec' ? ['security'] : [])]
  if (help === undefined) return { id: name, shortDescription: { text: name }, properties: { tags } }
  return {
    id: name,
    shortDescription: { text: help.summary },
    fullDescription: { text: help.summary },
    help: { text: `${help.summary}. redline explain ${name} shows how it is measured and how to fix it.`, markdown: help.page },
    defaultConfiguration: { level: LEVELS[help.severity] },
    properties: { tags },
  }
}

function resultOf({ finding, status, reason }: JudgedFinding, ids: readonly string[], audit: AuditResult): object {
  const { rule, severity, about, message, remedy, evidence, examples, commands, fingerprint } = finding
  return {
    ruleId: whole(rule),
    ruleIndex: ids.indexOf(rule),
    level: LEVELS[severity],
    message: { text: `${messageText(whole(`${about} ${message}`))}. ${messageText(whole(remedy))}` },
    locations: locationsOf(finding, audit),
    // GitHub tells alerts apart by the first, and knows no other.
    partialFingerprints: { primaryLocationLineHash: `${whole(fingerprint)}:1`, 'redlineFinding/v1': whole(fingerprint) },
    ...(audit.gate.baseline === null ? {} : { baselineState: status === 'known' ? 'unchanged' : 'new' }),
    ...(status === 'suppressed' ? { suppressions: [{ kind: 'external', status: 'accepted', justification: whole(reason ?? '') }] } : {}),
    properties: {
      about: whole(about),
      evidence: Object.fromEntries(
        Object.entries(evidence).map(([name, value]) => [whole(name), typeof value === 'string' ? whole(value) : value]),
      ),
      ...(examples.length === 0 ? {} : { examples: examples.map(whole) }),
      ...(commands.length === 0 ? {} : { commands: commands.map(whole) }),
    },
  }
}

/** In messages, brackets make links, braces stand for arguments, and a backslash takes that from them (SARIF 3.11.5, 3.11.6). */
function messageText(text: string): string {
  return text
    .replaceAll(/[\\[\]]/g, (char) => `\\${char}`)
    .replaceAll('{', '{{')
    .replaceAll('}', '}}')
}

function locationsOf({ at, about, nodes }: Finding, { target }: AuditResult): object[] {
  if (at !== null) {
    const region = { startLine: Math.max(1, at.line), startColumn: Math.max(1, at.column) }
    return [
      { physicalLocation: { artifactLocation: { uri: fileUri(at.file) }, region }, logicalLocations: logicalLocations(undefined, about) },
    ]
  }
  const servers = nodes.length === 0 ? [undefined] : nodes
  return servers.map((server) => ({
    physicalLocation: { artifactLocation: { uri: serverUri(server ?? target.name) }, region: { startLine: 1 } },
    logicalLocations: logicalLocations(server ?? target.name, about),
  }))
}

function logicalLocations(server: string | undefined, about: string): object[] {
  const name = whole(about)
  const full = server === undefined ? name : `${whole(server)}/${name}`
  return [{ name: name === '' ? full : name, fullyQualifiedName: full, kind: 'object' }]
}

/** A path in the repository as a URI reference. */
function fileUri(file: string): string {
  return segments(
    whole(file)
      .replace(/^(\.\/)+/, '')
      .split('/'),
  )
}

/** `redis/cache-1/6379` for `redis://cache-1:6379/0`: the same in every audit, and like no path of a repository by chance. */
function serverUri(address: string): string {
  const [, host = ''] = /^(?:[a-z]+:\/\/)?(.*?)(?:\/\d*)?$/i.exec(whole(address)) ?? []
  return segments([
    'redis',
    ...host
      .replace(/:(\d+)$/, '/$1')
      .split('/')
      .filter(Boolean),
  ])
}

function segments(parts: readonly string[]): string {
  return parts.map((part) => encodeURIComponent(part)).join('/')
}

function invocation({ startedAt, interrupted, failure, gate, rules }: AuditResult): object {
  const gaps = [...rules.notAssessed].map(({ rule, why }) => ({
    level: 'note',
    message: { text: `not assessed: ${messageText(whole(why))}` },
    associatedRule: { id: whole(rule) },
  }))
  const failed = interrupted || failure !== null
  const reason = failed ? [{ level: 'error', message: { text: messageText(interrupted ? 'interrupted' : whole(failure ?? '')) } }] : []
  return {
    executionSuccessful: !failed,
    exitCode: gate.exitCode,
    startTimeUtc: startedAt,
    toolExecutionNotifications: [...reason, ...gaps],
  }
}

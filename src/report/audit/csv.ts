import type { AuditResult } from '../../schema/audit.js'
import { csvTable } from '../text/csv.js'
import { allFindings, type JudgedFinding } from './all-findings.js'
import { whole } from '../words.js'

/** An audit as a table of its findings, the most severe first; `status` tells those that are new, known or suppressed. */
export function auditToCsv(audit: AuditResult): string {
  return csvTable(TITLES, allFindings(audit).map(cellsOf))
}

const TITLES = [
  'severity',
  'rule',
  'about',
  'message',
  'remedy',
  'status',
  'reason',
  'until',
  'nodes',
  'file',
  'line',
  'column',
  'evidence',
  'examples',
  'commands',
  'fingerprint',
]

function cellsOf({ finding, status, reason, until }: JudgedFinding): (string | number | null | undefined)[] {
  const { severity, rule, about, message, remedy, nodes, at, evidence, examples, commands, fingerprint } = finding
  return [
    severity,
    whole(rule),
    whole(about),
    whole(message),
    whole(remedy),
    status,
    reason === undefined ? undefined : whole(reason),
    until === undefined || until === null ? null : whole(until),
    nodes.map(whole).join(' '),
    at === null ? null : whole(at.file),
    at?.line,
    at?.column,
    whole(JSON.stringify(evidence)),
    examples.map(whole).join(' '),
    commands.map(whole).join('\n'),
    whole(fingerprint),
  ]
}

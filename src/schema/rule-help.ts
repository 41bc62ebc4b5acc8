import type { Severity } from './audit.js'

/** A rule as a report tells of it: what it finds, how severe that is unless a policy says otherwise, and its page. */
export interface RuleHelp {
  id: string
  severity: Severity
  summary: string
  /** Markdown. */
  page: string
}

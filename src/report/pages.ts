import type { AuditResult } from '../schema/audit.js'
import type { RunResult } from '../schema/result.js'

/** A run as a page in one file; see `html/run.ts`. The charts' library is loaded with the first page, and not before. */
export async function renderRunHtml(result: RunResult): Promise<string> {
  return (await import('./html/run.js')).renderRunHtml(result)
}

/** An audit as a page in one file; see `html/audit.ts`. */
export async function renderAuditHtml(result: AuditResult): Promise<string> {
  return (await import('./html/audit.js')).renderAuditHtml(result)
}

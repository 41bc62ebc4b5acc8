import type { AuditResult } from '../schema/audit.js'
import type { CompareResult } from '../schema/compare.js'
import type { GateDocument } from '../schema/gate.js'
import type { RunResult } from '../schema/result.js'

/** A run as a page in one file; see `html/run.ts`. The charts' library is loaded with the first page, and not before. */
export async function renderRunHtml(result: RunResult): Promise<string> {
  return (await import('./html/run.js')).renderRunHtml(result)
}

/** An audit as a page in one file; see `html/audit.ts`. */
export async function renderAuditHtml(result: AuditResult): Promise<string> {
  return (await import('./html/audit.js')).renderAuditHtml(result)
}

/** A comparison as a page in one file; see `html/compare.ts`. */
export async function renderCompareHtml(result: CompareResult): Promise<string> {
  return (await import('./html/compare.js')).renderCompareHtml(result)
}

/** A gate's answer as a page in one file; see `html/gate.ts`. */
export async function renderGateHtml(result: GateDocument): Promise<string> {
  return (await import('./html/gate.js')).renderGateHtml(result)
}

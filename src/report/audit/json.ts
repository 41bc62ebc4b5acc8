import { auditResultSchema, type AuditResult } from '../../schema/audit.js'
import { documentToJson } from '../document.js'

/** An audit as its file holds it; the same audit always gives the same bytes, whoever built it. */
export function auditToJson(result: AuditResult): string {
  return documentToJson(result, auditResultSchema)
}

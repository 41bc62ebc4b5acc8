import { auditResultSchema, type AuditResult } from './audit.js'
import { type DocumentKind, parseDocument } from './read-document.js'

/**
 * The audit that a saved result document holds; `name` is the file as the user knows it. Throws InputError, which says what is wrong
 * with the file and where.
 */
export function parseAuditResult(text: string, name: string): AuditResult {
  return parseDocument(text, name, AUDIT_DOCUMENT)
}

/** What the document of an audit is. */
export const AUDIT_DOCUMENT: DocumentKind<AuditResult> = {
  schema: auditResultSchema.shape.schema.value,
  what: 'the result of an audit',
  hint: 'name a result.json that `redline audit` saved, as it saved it',
  type: auditResultSchema,
}

import type { AuditResult } from './audit.js'
import type { CompareResult } from './compare.js'
import type { GateDocument } from './gate.js'
import type { RunResult } from './result.js'

/**
 * The kinds of documents that are saved and shown again. Another kind is a line here and one in READERS of saved.ts; the report formats that can
 * show it then get a renderer of its name.
 */
export interface Documents {
  run: RunResult
  audit: AuditResult
  compare: CompareResult
  gate: GateDocument
}

export type SavedKind = keyof Documents

/** A document with its kind. */
export type Saved<K extends SavedKind = SavedKind> = { [Kind in K]: { kind: Kind; document: Documents[Kind] } }[K]

/** Every kind of document, in the order in which people meet them. */
export const SAVED_KINDS: readonly SavedKind[] = ['run', 'audit', 'compare', 'gate']

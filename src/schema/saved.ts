import { safeText } from '../core/text.js'
import type { AuditResult } from './audit.js'
import type { CompareResult } from './compare.js'
import type { GateDocument } from './gate.js'
import { AUDIT_DOCUMENT } from './read-audit.js'
import { COMPARE_DOCUMENT } from './read-compare.js'
import { checkDocument, type DocumentKind, parseJson, refuseKind, schemaOf } from './read-document.js'
import { GATE_DOCUMENT } from './read-gate.js'
import { RUN_DOCUMENT } from './read-result.js'
import type { RunResult } from './result.js'

/**
 * The kinds of documents that are saved and shown again. Another kind is a line here and one in READERS; the report formats that can
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

const READERS: { [K in SavedKind]: DocumentKind<Documents[K]> } = {
  run: RUN_DOCUMENT,
  audit: AUDIT_DOCUMENT,
  compare: COMPARE_DOCUMENT,
  gate: GATE_DOCUMENT,
}

/** Every kind of document, in the order in which people meet them. */
export const SAVED_KINDS: readonly SavedKind[] = ['run', 'audit', 'compare', 'gate']

const HINT = 'name a result.json that redline saved, or what compare or gate wrote with --json, as it was written'

/**
 * The document that a saved file holds, of whatever kind it is; `name` is the file as the user knows it. Throws InputError, which says
 * what is wrong with the file and where.
 */
export function parseSaved(text: string, name: string): Saved {
  const file = safeText(name)
  const document = parseJson(text, file, HINT)
  const schema = schemaOf(document)
  for (const kind of SAVED_KINDS) {
    if (schema?.startsWith(`redline/${kind}@`)) return readAs(kind, document, file)
  }
  return refuseKind(schema, file, { what: 'a result that redline shows', hint: HINT })
}

function readAs<K extends SavedKind>(kind: K, document: unknown, file: string): Saved<K> {
  const saved: { kind: K; document: Documents[K] } = { kind, document: checkDocument(document, file, READERS[kind]) }
  return saved
}

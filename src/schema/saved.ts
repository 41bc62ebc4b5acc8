import { safeText } from '../core/text.js'
import { AUDIT_DOCUMENT } from './read-audit.js'
import { COMPARE_DOCUMENT } from './read-compare.js'
import { checkDocument, type DocumentKind, parseJson, refuseKind, schemaOf } from './read-document.js'
import { GATE_DOCUMENT } from './read-gate.js'
import { RUN_DOCUMENT } from './read-result.js'
import { type Documents, type Saved, SAVED_KINDS, type SavedKind } from './saved-kinds.js'

const READERS: { [K in SavedKind]: DocumentKind<Documents[K]> } = {
  run: RUN_DOCUMENT,
  audit: AUDIT_DOCUMENT,
  compare: COMPARE_DOCUMENT,
  gate: GATE_DOCUMENT,
}

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

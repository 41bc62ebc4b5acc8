import { type GateDocument, gateDocumentSchema } from './gate.js'
import type { DocumentKind } from './read-document.js'

/** What the document of a gate's answer is. */
export const GATE_DOCUMENT: DocumentKind<GateDocument> = {
  schema: gateDocumentSchema.shape.schema.value,
  what: 'the answer of a gate',
  hint: 'name a file that `redline gate --json` wrote, as it wrote it',
  type: gateDocumentSchema,
}

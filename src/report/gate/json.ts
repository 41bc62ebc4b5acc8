import { gateDocumentSchema, type GateDocument } from '../../schema/gate.js'
import { documentToJson } from '../document.js'

/** A gate's answer as its file holds it. */
export function gateToJson(gate: GateDocument): string {
  return documentToJson(gate, gateDocumentSchema)
}

import { runResultSchema, type RunResult } from '../schema/result.js'
import { auditToJson } from './audit/json.js'
import { compareToJson } from './compare/json.js'
import { documentToJson } from './document.js'
import type { Format } from './format.js'
import { gateToJson } from './gate/json.js'

export const format: Format = {
  title: 'the result document itself, as it is saved',
  renders: { run: resultToJson, audit: auditToJson, compare: compareToJson, gate: gateToJson },
}

/** A run as its file holds it; the same result always gives the same bytes, whoever built it. */
export function resultToJson(result: RunResult): string {
  return documentToJson(result, runResultSchema)
}

import { compareResultSchema, type CompareResult } from '../../schema/compare.js'
import { documentToJson } from '../document.js'

/** A comparison as its file holds it. */
export function compareToJson(result: CompareResult): string {
  return documentToJson(result, compareResultSchema)
}

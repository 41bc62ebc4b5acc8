import { comparedRunsSchema, compareResultSchema, type CompareResult } from './compare.js'
import { type DocumentKind, parseDocument } from './read-document.js'

/**
 * The comparison that a saved document holds; `name` is the file as the user knows it. Throws InputError, which says what is wrong with
 * the file and where.
 */
export function parseCompareResult(text: string, name: string): CompareResult {
  return parseDocument(text, name, COMPARE_DOCUMENT)
}

/** What the document of a comparison is. */
export const COMPARE_DOCUMENT: DocumentKind<CompareResult> = {
  schema: comparedRunsSchema.shape.schema.value,
  what: 'a comparison',
  hint: 'name a file that `redline compare --json` wrote, as it wrote it',
  type: compareResultSchema,
}

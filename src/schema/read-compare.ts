import { comparedRunsSchema, compareResultSchema, type CompareResult } from './compare.js'
import { parseDocument } from './read-document.js'

/**
 * The comparison that a saved document holds; `name` is the file as the user knows it. Throws InputError, which says what is wrong with
 * the file and where.
 */
export function parseCompareResult(text: string, name: string): CompareResult {
  return parseDocument(text, name, {
    schema: comparedRunsSchema.shape.schema.value,
    what: 'a comparison',
    hint: 'name a file that `redline compare --json` wrote, as it wrote it',
    type: compareResultSchema,
  })
}

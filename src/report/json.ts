import { runResultSchema, type RunResult } from '../schema/result.js'

/**
 * A result as its file holds it: JSON with two spaces of indentation, fields in the order of the schema, and a newline at the end.
 * The same result always gives the same bytes, whoever built it.
 */
export function resultToJson(result: RunResult): string {
  // What was measured is worth more than its order: a result that does not fit the schema is kept as it is, for the reader to refuse.
  const ordered = runResultSchema.safeParse(result).data ?? result
  return `${JSON.stringify(ordered, null, 2)}\n`
}

import type { z } from 'zod'

/** A document as its file holds it: JSON with two spaces of indentation, fields in the order of the schema, and a newline at the end. */
export function documentToJson<T>(document: T, schema: z.ZodType<T>): string {
  // What was measured is worth more than its order: a result that does not fit the schema is kept as it is, for the reader to refuse.
  const ordered = schema.safeParse(document).data ?? document
  return `${JSON.stringify(ordered, null, 2)}\n`
}

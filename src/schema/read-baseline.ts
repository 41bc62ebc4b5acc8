import { baselineSchema, type Baseline } from './baseline.js'
import { parseDocument } from './read-document.js'

/** The baseline that a file holds; `name` is the file as the user knows it. Throws InputError, which says what is wrong with it and where. */
export function parseBaseline(text: string, name: string): Baseline {
  return parseDocument(text, name, {
    schema: baselineSchema.shape.schema.value,
    what: 'a baseline',
    hint: 'name a baseline that `redline audit --update-baseline` wrote',
    type: baselineSchema,
    contradictions: repeatedEntries,
  })
}

/** What the schema can't say: that no finding stands twice, as a merge of two branches may leave it. */
function repeatedEntries({ findings }: Baseline): string[] {
  const first = new Map<string, number>()
  return findings.flatMap(({ fingerprint }, index) => {
    const before = first.get(fingerprint)
    if (before !== undefined) return [`findings[${index}]: the fingerprint of findings[${before}]; remove one of them`]
    first.set(fingerprint, index)
    return []
  })
}

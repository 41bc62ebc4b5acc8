import { type DocumentKind, parseDocument } from './read-document.js'
import { runResultSchema, type RunResult } from './result.js'

/**
 * The run that a saved result document holds; `name` is the file as the user knows it. Throws InputError, which says what is wrong
 * with the file and where.
 */
export function parseRunResult(text: string, name: string): RunResult {
  return parseDocument(text, name, RUN_DOCUMENT)
}

/** What the document of a run is. */
export const RUN_DOCUMENT: DocumentKind<RunResult> = {
  schema: runResultSchema.shape.schema.value,
  what: 'the result of a run',
  hint: 'name a result.json that `redline run` saved, as it saved it',
  type: runResultSchema,
  contradictions: danglingTargets,
}

/** What the schema can't say: that the target of each scenario, and of each of its variants, is there. */
function danglingTargets({ scenarios, targets }: RunResult): string[] {
  const dangling = (target: number | undefined, field: string) =>
    target === undefined || targets[target] ? [] : [`${field}.target: there is no targets[${target}]`]
  return scenarios.flatMap(({ target, variants }, index) => [
    ...dangling(target, `scenarios[${index}]`),
    ...variants.flatMap((variant, at) => dangling(variant.target, `scenarios[${index}].variants[${at}]`)),
  ])
}

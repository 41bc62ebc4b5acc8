import { scenarioFileSchema } from '../schema/scenario.js'
import type { ScenarioFile } from '../schema/scenario.js'
import { findContradictions } from './consistency.js'
import { tellIssues } from './issues.js'
import { inputErrorOf } from '../core/mistakes.js'
import { fieldText } from './paths.js'
import { readYaml } from './yaml.js'

/**
 * The scenario that `text` holds. Throws one InputError that tells every mistake with line and column: syntax, fields and values,
 * placeholders, what contradicts what, axes of the matrix and names in expectations. `path` is only for that message.
 */
export function loadScenarioFile(path: string, text: string): ScenarioFile {
  const source = readYaml(text)
  const mistakes = [...source.mistakes]
  if (source.value === undefined) throw inputErrorOf(path, mistakes)
  const parsed = scenarioFileSchema.safeParse(source.value)
  const found = [
    ...(parsed.success ? [] : tellIssues(parsed.error.issues, scenarioFileSchema, source.value)),
    ...findContradictions(source.value),
  ]
  for (const { path, at, offset, message } of found) {
    mistakes.push({ position: source.locate(path, at, offset), field: fieldText(path), message })
  }
  if (mistakes.length > 0 || !parsed.success) throw inputErrorOf(path, mistakes)
  return parsed.data
}

import { inputErrorOf } from '../core/mistakes.js'
import { type ProjectFile, projectFileSchema } from '../schema/project.js'
import { tellIssues } from './issues.js'
import { fieldText } from './paths.js'
import { findProjectMistakes, type KnownToProject } from './project-consistency.js'
import { readYaml } from './yaml.js'

/**
 * The project file that `text` holds. Throws one InputError that tells every mistake with line and column: syntax, fields and values,
 * rules that there are none of, their options, limits that nobody can keep. `path` is only for that message.
 */
export function parseProjectFile(path: string, text: string, known: KnownToProject): ProjectFile {
  // An empty file says nothing, as one with nothing but comments does: `redline audit --suggest-contracts > redline.config.yaml` reads one.
  const source = readYaml(text.trim() === '' ? '{}' : text)
  const mistakes = [...source.mistakes]
  if (source.value === undefined) throw inputErrorOf(path, mistakes)
  // A file with nothing but comments in it.
  const value: unknown = source.value ?? {}
  const parsed = projectFileSchema.safeParse(value)
  const found = [...(parsed.success ? [] : tellIssues(parsed.error.issues, projectFileSchema, value)), ...findProjectMistakes(value, known)]
  for (const { path: place, at, offset, message } of found) {
    mistakes.push({ position: source.locate(place, at, offset), field: fieldText(place), message })
  }
  if (mistakes.length > 0 || !parsed.success) throw inputErrorOf(path, mistakes)
  return parsed.data
}

import { stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { InputError } from '../core/errors.js'
import { safeText } from '../core/text.js'
import { projectFileSchema } from '../schema/project.js'
import type { ProjectFile } from '../schema/project.js'
import { tellIssues } from './issues.js'
import { inputErrorOf } from '../core/mistakes.js'
import { fieldText } from './paths.js'
import { findProjectMistakes, type KnownToProject } from './project-consistency.js'
import { readYaml } from './yaml.js'
import { readYamlText, shownPath } from './yaml-text.js'

const NAMES = ['redline.config.yaml', 'redline.config.yml']

/**
 * The project file at `path`, from `cwd` when it is relative; without a path the `redline.config.yaml` in `cwd`, or, within a
 * repository, in the nearest folder above it up to the root of that; undefined when there is none. Throws InputError when it can't be
 * read or has mistakes. `known` is asked when there is one.
 */
export async function loadProjectFile(
  path: string | undefined,
  cwd: string,
  known: () => Promise<KnownToProject>,
): Promise<ProjectFile | undefined> {
  const found = path === undefined ? await findProjectFile(cwd) : resolve(cwd, path)
  if (found === undefined) return undefined
  const shown = path ?? shownPath(found, cwd)
  return parseProjectFile(shown, await readYamlText(found, shown), await known())
}

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

async function findProjectFile(cwd: string): Promise<string | undefined> {
  for (const folder of await foldersToSearch(cwd)) {
    const there: string[] = []
    for (const name of NAMES) if (await exists(join(folder, name))) there.push(name)
    if (there.length > 1) throw new InputError(`${safeText(folder)} holds ${there.join(' and ')}`, { hint: 'keep one of them' })
    if (there[0] !== undefined) return join(folder, there[0])
  }
  return undefined
}

/** The folder, and those above it up to the root of its repository; outside a repository nobody else's files are looked at. */
async function foldersToSearch(cwd: string): Promise<string[]> {
  const folders: string[] = []
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    folders.push(folder)
    if (await exists(join(folder, '.git'))) return folders
    if (folder === dirname(folder)) return folders.slice(0, 1)
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}

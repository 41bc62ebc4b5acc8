import { stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { InputError } from '../core/errors.js'
import { safeText } from '../core/text.js'
import type { ProjectFile } from '../schema/project.js'
import type { KnownToProject } from './project-consistency.js'
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
  // Most audits have no such file, and need not wait for a parser of YAML.
  const { parseProjectFile } = await import('./project-text.js')
  return parseProjectFile(shown, await readYamlText(found, shown), await known())
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

import { readdir, stat } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InputError } from '../core/errors.js'
import { didYouMean, quote, safeText } from '../core/text.js'
import type { ScenarioFile } from '../schema/scenario.js'
import { loadScenarioFile } from './scenario-file.js'
import { readYamlText, shownPath } from './yaml-text.js'

/** The scenarios that come with redline. */
export const SHIPPED_SCENARIOS = fileURLToPath(new URL('../../scenarios', import.meta.url))

/** A scenario's file. */
export interface ScenarioLocation {
  /** `hashes/profile-read` of a shipped one; the path as messages show it of a user's own, whose name stands in the file. */
  id: string
  /** Absolute. */
  path: string
  /** The path as messages show it: from the working directory when it is below it. */
  shown: string
}

/** Folders within folders that are searched. */
const MAX_DEPTH = 8
const MAX_FILES = 1000

/** The shipped scenarios, sorted by id. */
export async function listShipped(cwd: string): Promise<ScenarioLocation[]> {
  const shipped = (await yamlFilesBelow(SHIPPED_SCENARIOS)).map((path) => ({
    id: relative(SHIPPED_SCENARIOS, path).replaceAll(sep, '/').replace(YAML, ''),
    path,
    shown: shownPath(path, cwd),
  }))
  return shipped.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/**
 * The scenarios that selectors name, each once: `all`, an id, a glob of ids (`hashes/*`), a folder of ids (`hashes`), or the path of a
 * file or folder, from `cwd` when it is relative. Throws one InputError for all the selectors that name nothing.
 */
export async function findScenarios(selectors: readonly string[], cwd: string): Promise<ScenarioLocation[]> {
  const shipped = await listShipped(cwd)
  const found = new Map<string, ScenarioLocation>()
  const unknown: string[] = []
  for (const selector of selectors) {
    const byId = isPathLike(selector) ? [] : selectShipped(selector, shipped)
    const matches = byId.length > 0 ? byId : await selectPath(selector, shipped, cwd)
    if (matches.length === 0) unknown.push(selector)
    for (const location of matches) if (!found.has(location.path)) found.set(location.path, location)
  }
  if (unknown.length > 0) throw unknownScenarios(unknown, shipped)
  return [...found.values()]
}

/** Reads and checks a scenario. Throws InputError when the file can't be read or has mistakes. */
export async function readScenario({ path, shown }: ScenarioLocation): Promise<ScenarioFile> {
  return loadScenarioFile(shown, await readYamlText(path, shown))
}

const YAML = /\.ya?ml$/

/** Whether only a path can be meant; anything else is an id first. */
function isPathLike(selector: string): boolean {
  return YAML.test(selector) || isAbsolute(selector) || /^\.\.?(\/|$)/.test(selector)
}

function selectShipped(selector: string, shipped: readonly ScenarioLocation[]): ScenarioLocation[] {
  if (selector === 'all') return [...shipped]
  const folder = `${selector.replace(/\/$/, '')}/`
  const pattern = globPattern(selector)
  return shipped.filter(({ id }) => id === selector || id.startsWith(folder) || pattern.test(id))
}

/** `*` and `?` stay within a folder, `**` does not. */
function globPattern(glob: string): RegExp {
  const wildcards: Record<string, string> = { '**': '.*', '*': '[^/]*', '?': '[^/]' }
  const pattern = glob.replaceAll(/\*\*|\*|\?|[^*?]+/g, (part) => wildcards[part] ?? part.replaceAll(/[$()+.[\\\]^{|}]/g, String.raw`\$&`))
  return new RegExp(`^${pattern}$`)
}

async function selectPath(selector: string, shipped: readonly ScenarioLocation[], cwd: string): Promise<ScenarioLocation[]> {
  const path = resolve(cwd, selector)
  const kind = await stat(path).catch(() => undefined)
  if (kind === undefined) return []
  const paths = kind.isDirectory() ? await yamlFilesBelow(path) : [path]
  return paths.map((file) => shipped.find((known) => known.path === file) ?? ownScenario(file, cwd))
}

function ownScenario(path: string, cwd: string): ScenarioLocation {
  const shown = shownPath(path, cwd)
  return { id: shown, path, shown }
}

/** Sorted paths of the YAML files in a folder and the folders in it. Links to folders, dot folders and node_modules are left out. */
async function yamlFilesBelow(directory: string, depth = 0): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true })
  const found: string[] = []
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(directory, entry.name)
    if (entry.isDirectory() && depth < MAX_DEPTH && !entry.name.startsWith('.') && entry.name !== 'node_modules') {
      found.push(...(await yamlFilesBelow(path, depth + 1)))
    } else if (!entry.isDirectory() && YAML.test(entry.name)) {
      found.push(path)
    }
    if (found.length > MAX_FILES)
      throw new InputError(`${safeText(directory)} holds more than ${MAX_FILES} YAML files; name a smaller folder`)
  }
  return found
}

function unknownScenarios(unknown: readonly string[], shipped: readonly ScenarioLocation[]): InputError {
  const ids = shipped.map(({ id }) => id)
  const lines = unknown.map((selector) => {
    if (isPathLike(selector)) return `no scenario file ${quote(selector)}`
    return `no scenario ${quote(selector)}${didYouMean(selector, [...ids, ...ids.map((id) => id.split('/')[0]!)])}`
  })
  return new InputError(lines.join('\n'), { hint: '`redline list` shows the scenarios there are; a path to a .yaml file works too' })
}

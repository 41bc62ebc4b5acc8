import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { InputError, messageOf } from '../core/errors.js'
import { quote } from '../core/text.js'

/** A result document as it is to be saved. */
export interface Document {
  startedAt: string
  /** What kind of result it is, for the name of its folder: `quick`, `audit`. */
  kind: string
  text: string
  /** Further files beside it, by name. */
  more?: Record<string, string>
}

/**
 * Saves a result as `<folder>/<time>-<kind>/result.json`, points `<folder>/latest` at it, and returns the path of the file as a
 * message shows it. Throws InputError when it can't be written.
 */
export async function saveResult({ startedAt, kind, text, more = {} }: Document, folder: string, cwd: string): Promise<string> {
  const base = resolve(cwd, folder)
  const time = startedAt.slice(0, 19).replaceAll(':', '')
  try {
    await mkdir(base, { recursive: true })
    const name = await freeName(base, `${time}-${kind.replaceAll(' ', '-')}`)
    await mkdir(join(base, name))
    const path = join(base, name, 'result.json')
    await writeFile(path, text)
    for (const [file, content] of Object.entries(more)) await writeFile(join(base, name, file), content)
    await pointLatest(base, name)
    const shown = relative(cwd, path)
    return shown.startsWith('..') ? path : shown
  } catch (error) {
    throw new InputError(`the result can not be saved below ${quote(folder)}: ${messageOf(error)}`, {
      hint: 'name another folder with --out',
      cause: error,
    })
  }
}

/** Two runs of one second must not overwrite each other. */
async function freeName(base: string, name: string): Promise<string> {
  const taken = new Set(await readdir(base))
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? name : `${name}-${n}`
    if (!taken.has(candidate)) return candidate
  }
}

async function pointLatest(base: string, name: string): Promise<void> {
  const link = join(base, 'latest')
  await rm(link, { force: true })
  await symlink(name, link)
}

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { InputError, messageOf } from '../core/errors.js'
import { quote } from '../core/text.js'
import { parseRunBaseline } from '../schema/read-run-baseline.js'
import type { RunBaseline } from '../schema/run-record.js'
import type { World } from './world.js'

/** A baseline of runs with its file as messages show it. */
export interface BaselineFile {
  file: string
  baseline: RunBaseline
}

/** The baselines of runs in a folder; those of audits, which may stand beside them, are passed over. Throws InputError when one has mistakes. */
export async function readBaselines(folder: string, world: World): Promise<BaselineFile[]> {
  const names = await readdir(resolve(world.cwd, folder)).catch(nothingThere)
  const texts = await Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .toSorted()
      .map((name) => readText(join(folder, name), world)),
  )
  return texts.filter(({ text }) => saysBaseline(text)).map(({ file, text }) => ({ file, baseline: parseRunBaseline(text, file) }))
}

/** The baseline in a file that the user named. Throws InputError when there is none. */
export async function readBaseline(file: string, world: World): Promise<BaselineFile> {
  const { text } = await readText(file, world)
  return { file, baseline: parseRunBaseline(text, file) }
}

const nothingThere = (): string[] => []

async function readText(file: string, world: World): Promise<{ file: string; text: string }> {
  try {
    return { file, text: await readFile(resolve(world.cwd, file), 'utf8') }
  } catch (error) {
    throw new InputError(`${quote(file)} can not be read: ${messageOf(error)}`, {
      hint: 'redline baseline update <result> writes one',
      cause: error,
    })
  }
}

function saysBaseline(text: string): boolean {
  return text.includes('"redline/run-baseline@')
}

/** Where the baseline of a class of machines is kept. */
export function baselinePath(folder: string, machine: string): string {
  return join(folder, `${machine}.json`)
}

/** Writes a file of results whose folder may not be there yet, and returns how messages show it. Throws InputError. */
export async function writeReport(file: string, text: string, world: World): Promise<string> {
  const path = resolve(world.cwd, file)
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  } catch (error) {
    throw new InputError(`${quote(basename(file))} can not be written: ${messageOf(error)}`, {
      hint: 'name another folder with --out',
      cause: error,
    })
  }
  const shown = relative(world.cwd, path)
  return shown.startsWith('..') ? path : shown
}

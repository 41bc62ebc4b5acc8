import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { InputError, messageOf } from '../core/errors.js'
import { quote } from '../core/text.js'
import { readRuleHelp } from '../audit/rule-help.js'
import { type Format, kindsOf, type RenderContext, type Rendered, renderSaved } from '../report/format.js'
import { findFormat, FORMAT_NAMES } from '../report/formats.js'
import type { Saved, SavedKind } from '../schema/saved-kinds.js'
import { type Style, styleFor, type World } from './world.js'

/** A format that was asked for, and where it goes: to a file, into a folder, or to stdout when undefined. */
export interface Output {
  name: string
  format: Format
  path: string | undefined
}

/** How text in a file is laid out: for a log or an editor. */
const FILE_STYLE: Style = { width: 100, color: false, unicode: true }

/**
 * The outputs that `--format name[=file]` and `--json` ask for, of documents of a kind. Checked before anything is measured: throws
 * InputError for a format that there is not or that does not show this kind, and for two of them at one place.
 */
export async function chooseOutputs(options: { format?: string[]; json?: boolean }, kind: SavedKind): Promise<Output[]> {
  const asked = [...(options.json ? ['json'] : []), ...(options.format ?? [])]
  const outputs = await Promise.all(asked.map((text) => outputOf(text, kind)))
  const onStdout = outputs.filter(({ path }) => path === undefined).map(({ name }) => name)
  if (onStdout.length > 1)
    throw new InputError(`only one format can go to stdout, and there are ${onStdout.join(' and ')}`, {
      hint: `write the others to files: --format ${onStdout[1]}=<file>`,
    })
  const paths = outputs.flatMap(({ path }) => path ?? [])
  const twice = paths.find((path, index) => paths.indexOf(path) !== index)
  if (twice !== undefined) throw new InputError(`two formats would go to ${quote(twice)}`, { hint: 'name a file for each' })
  return outputs
}

async function outputOf(text: string, kind: SavedKind): Promise<Output> {
  const [, name = '', path] = /^([^=]*)(?:=(.*))?$/s.exec(text) ?? []
  const format = await findFormat(name)
  if (format.renders[kind] === undefined)
    throw new InputError(`the format ${name} does not show ${THINGS[kind]}`, { hint: `there are ${(await namesFor(kind)).join(', ')}` })
  if (path === '') throw new InputError(`--format ${name}= names no file`)
  if (format.inFolder && path === undefined)
    throw new InputError(`the format ${name} is several files`, { hint: `name a folder for them: --format ${name}=<folder>` })
  return { name, format, path }
}

const THINGS: Record<SavedKind, string> = { run: 'runs', audit: 'audits', compare: 'comparisons', gate: 'answers of gates' }

async function namesFor(kind: SavedKind): Promise<string[]> {
  const formats = await Promise.all(FORMAT_NAMES.map(async (name) => ({ name, kinds: kindsOf(await findFormat(name)) })))
  return formats.filter(({ kinds }) => kinds.includes(kind)).map(({ name }) => name)
}

/** Prints a document in the format that goes to stdout, which is `terminal` unless another was chosen. */
export async function printSaved(saved: Saved, outputs: readonly Output[], world: World): Promise<void> {
  const format = outputs.find(({ path }) => path === undefined)?.format ?? (await findFormat('terminal'))
  const rendered = await renderWith(format, saved, styleFor(world.stdout, world.env))
  if (typeof rendered !== 'string') throw new TypeError('a format of several files on stdout')
  world.stdout.write(rendered)
}

/**
 * Shows a document that is saved nowhere else: on stdout, in a terminal's format unless another was chosen, and in each format that goes to a file.
 * The files are told on stdout, or on stderr when stdout holds a document. Throws InputError when one can't be written.
 */
export async function showSaved(saved: Saved, outputs: readonly Output[], world: World): Promise<void> {
  await printSaved(saved, outputs, world)
  const notes = stdoutIsTaken(outputs) ? world.stderr : world.stdout
  await writeOutputs(saved, outputs, world, (line) => notes.write(`wrote   ${line}\n`))
}

/** Whether something else than text for people goes to stdout, so that what is said besides belongs on stderr. */
export function stdoutIsTaken(outputs: readonly Output[]): boolean {
  return outputs.some(({ name, path }) => path === undefined && name !== 'terminal')
}

/**
 * Writes a document in each format that goes to a file, and tells their names one by one. Throws InputError when one can't be
 * written.
 */
export async function writeOutputs(saved: Saved, outputs: readonly Output[], world: World, tell: (line: string) => void): Promise<void> {
  for (const { name, format, path } of outputs) {
    if (path === undefined) continue
    const rendered = await renderWith(format, saved, FILE_STYLE)
    await write(rendered, path, saved.kind, world)
    tell(typeof rendered === 'string' ? `${name}: ${path}` : `${name}: ${path}, ${rendered.size} ${rendered.size === 1 ? 'file' : 'files'}`)
  }
}

async function write(rendered: Rendered, shown: string, kind: SavedKind, { cwd }: World): Promise<void> {
  const path = resolve(cwd, shown)
  try {
    if (typeof rendered === 'string') {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, rendered)
      return
    }
    await mkdir(path, { recursive: true })
    for (const [name, text] of rendered) await writeFile(join(path, name), text)
  } catch (error) {
    throw new InputError(`${quote(shown)} can not be written: ${messageOf(error)}`, {
      hint:
        kind === 'run' || kind === 'audit'
          ? 'the result is saved all the same: redline report <result> --format writes it elsewhere'
          : 'name a file in a folder that can be written to',
      cause: error,
    })
  }
}

/** A document as a page for a browser. */
export async function renderPage(saved: Saved): Promise<string> {
  const rendered = await renderWith(await findFormat('html'), saved, FILE_STYLE)
  if (typeof rendered !== 'string') throw new TypeError('a page of several files')
  return rendered
}

async function renderWith(format: Format, saved: Saved, style: Style): Promise<Rendered> {
  const rules: RenderContext['rules'] = format.usesRules && saved.kind === 'audit' ? await helpFor(saved) : new Map()
  const rendered = renderSaved(format, saved, { style, rules })
  if (rendered === undefined) throw new TypeError(`a format that does not show ${THINGS[saved.kind]}`)
  return rendered
}

function helpFor({ document: { findings, known, suppressed } }: Saved<'audit'>): ReturnType<typeof readRuleHelp> {
  return readRuleHelp([...findings, ...known, ...suppressed.map(({ finding }) => finding)].map(({ rule }) => rule))
}

import { access } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { InputError } from '../../core/errors.js'
import { splitWords, UnbalancedQuotes, type Word } from './words.js'
import { expandGlob, isGlob } from './glob.js'
import type { FileMistake, Place } from './mistakes.js'
import { readLines } from './text-file.js'

/** A line of redis.conf that sets something. */
export interface Directive {
  /** In lower case. */
  name: string
  args: string[]
  at: Place
}

export interface ConfFile {
  /** In the order in which the server reads them, included files where they are included. */
  directives: Directive[]
  mistakes: FileMistake[]
}

/** Includes within includes. */
const DEEPEST_INCLUDE = 16

/**
 * Reads a redis.conf and the files that it includes. A relative path is looked for beside the file that includes it (the server would look
 * in its working directory); an absolute one that is not there, as on a machine that is not the server, likewise by its last part.
 * Throws InputError when `path` itself can't be read; everything else that is wrong is in `mistakes`.
 */
export async function readConf(path: string): Promise<ConfFile> {
  const conf: ConfFile = { directives: [], mistakes: [] }
  await readInto(conf, path, await readLines(path), [path])
  return conf
}

async function readInto(conf: ConfFile, file: string, lines: readonly string[], chain: readonly string[]): Promise<void> {
  for (const [index, line] of lines.entries()) {
    const words = wordsIn(conf, line, { file, line: index + 1, column: 1 })
    const [name, ...args] = words
    if (!name) continue
    const at = { file, line: index + 1, column: name.column }
    const directive = { name: name.text.toLowerCase(), args: args.map(({ text }) => text), at }
    if (directive.name === 'include') await include(conf, directive, chain)
    else conf.directives.push(directive)
  }
}

/** The words of a line; none of a comment, an empty line and a line that can't be split. */
function wordsIn(conf: ConfFile, line: string, at: Place): Word[] {
  if (/^\s*(#|$)/.test(line)) return []
  try {
    return splitWords(line.replace(/\r$/, ''))
  } catch (error) {
    if (!(error instanceof UnbalancedQuotes)) throw error
    conf.mistakes.push({ at: { ...at, column: error.column }, field: '', message: error.message })
    return []
  }
}

async function include(conf: ConfFile, { args, at }: Directive, chain: readonly string[]): Promise<void> {
  const wrong = (message: string) => conf.mistakes.push({ at, field: 'include', message })
  const [wanted] = args
  if (args.length !== 1 || !wanted) return void wrong('takes the path of one file')
  if (chain.length > DEEPEST_INCLUDE) return void wrong(`files include each other more than ${DEEPEST_INCLUDE} deep`)
  for (const path of await pathsOf(wanted, dirname(at.file))) {
    if (chain.includes(path)) {
      wrong('a file includes itself: the server would never come to an end')
      continue
    }
    const lines = await readLines(path).catch((error: unknown) => {
      if (!(error instanceof InputError)) throw error
      wrong(error.message)
      return []
    })
    await readInto(conf, path, lines, [...chain, path])
  }
}

async function pathsOf(wanted: string, folder: string): Promise<string[]> {
  const beside = join(folder, wanted)
  if (isGlob(wanted)) return expandGlob(isAbsolute(wanted) ? wanted : beside)
  if (!isAbsolute(wanted)) return [beside]
  const there = await access(wanted).then(
    () => true,
    () => false,
  )
  return [there ? wanted : join(folder, basename(wanted))]
}

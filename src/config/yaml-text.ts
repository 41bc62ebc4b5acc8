import { readFile, stat } from 'node:fs/promises'
import { isAbsolute, relative } from 'node:path'
import { InputError, messageOf } from '../core/errors.js'
import { safeText } from '../core/text.js'
import { MAX_YAML_BYTES } from './yaml-size.js'

/** A path as messages show it: from the working directory when it is below it. */
export function shownPath(path: string, cwd: string): string {
  const fromHere = relative(cwd, path)
  return fromHere.startsWith('..') || isAbsolute(fromHere) ? path : fromHere
}

/** The text of a YAML file, refused with an InputError before it is read when it can't be one. */
export async function readYamlText(path: string, shown: string): Promise<string> {
  const refuse = (reason: string, cause?: unknown) => new InputError(`can't read ${safeText(shown)}: ${reason}`, { cause })
  const kind = await stat(path).catch((error: unknown) => {
    throw refuse(messageOf(error), error)
  })
  if (!kind.isFile()) throw refuse('it is no file')
  if (kind.size > MAX_YAML_BYTES) throw refuse(`it is larger than ${MAX_YAML_BYTES / 1024} KB`)
  const bytes = await readFile(path).catch((error: unknown) => {
    throw refuse(messageOf(error), error)
  })
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw refuse('it is not UTF-8 text', error)
  }
}

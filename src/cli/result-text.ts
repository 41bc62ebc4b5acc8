import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { InputError } from '../core/errors.js'
import { quote } from '../core/text.js'

/** The text of a saved result: of the file, or of the result.json in the folder. Throws InputError when there is none. */
export async function readResultText(shown: string, cwd: string): Promise<string> {
  const path = resolve(cwd, shown)
  try {
    const file = (await stat(path)).isDirectory() ? join(path, 'result.json') : path
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new InputError(`${quote(shown)} can not be read: there is no result`, {
      hint: 'name a result.json, or the folder that it is in',
      cause: error,
    })
  }
}

import { readFile, stat } from 'node:fs/promises'
import { InputError, messageOf } from '../../core/errors.js'
import { safeText } from '../../core/text.js'
import { formatBytes } from '../../core/units.js'

/** A configuration is some kilobytes; the one that the projects ship has a hundred. */
const MOST_BYTES = 16 * 1024 ** 2

/** The lines of a file. Throws InputError when it can't be read, is too large or no text. */
export async function readLines(path: string): Promise<string[]> {
  const { size, isFile } = await stat(path).then(
    (found) => ({ size: found.size, isFile: found.isFile() }),
    (error: unknown) => {
      throw new InputError(`${safeText(path)} can't be read: ${codeOf(error)}`)
    },
  )
  if (!isFile) throw new InputError(`${safeText(path)} is no file`)
  if (size > MOST_BYTES) throw new InputError(`${safeText(path)} is larger than ${formatBytes(MOST_BYTES)}`)
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new InputError(`${safeText(path)} can't be read: ${codeOf(error)}`)
  })
  if (bytes.includes(0)) throw new InputError(`${safeText(path)} is not a text file`)
  return bytes.toString().split('\n')
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return 'it is not there'
  return code === 'EACCES' ? 'permission denied' : safeText(messageOf(error))
}

import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { InputError } from '../../core/errors.js'
import { quote } from '../../core/text.js'
import { parseRunResult, renderRun, resultToJson } from '../../index.js'
import { styleFor, type World } from '../world.js'

/** `redline report`: the same text that the run printed, from its saved result. Throws InputError. */
export async function reportCommand(path: string, options: { format: 'terminal' | 'json' }, world: World): Promise<void> {
  const result = parseRunResult(await readResult(resolve(world.cwd, path), path), path)
  const text = options.format === 'json' ? resultToJson(result) : `${renderRun(result, styleFor(world.stdout, world.env))}\n`
  world.stdout.write(text)
}

async function readResult(path: string, shown: string): Promise<string> {
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

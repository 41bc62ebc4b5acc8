import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseSaved } from '../../schema/saved.js'
import { chooseOutputs, printSaved, writeOutputs } from '../outputs.js'
import { savePage } from '../page.js'
import { readResultText } from '../result-text.js'
import type { World } from '../world.js'

/**
 * `redline report`: what the run or the audit printed and wrote, from its saved result. Without a format it is shown as in a
 * terminal; when all formats go to files or it is opened as a page, nothing is. Throws InputError.
 */
export async function reportCommand(path: string, options: { format?: string[]; open?: boolean }, world: World): Promise<void> {
  const saved = parseSaved(await readResultText(path, world.cwd), path)
  const outputs = await chooseOutputs(options, saved.kind)
  if (options.open) {
    const [page] = await savePage(saved, await pathOfResult(path, world.cwd), options, world)
    if (page !== undefined) world.stderr.write(`opened  ${page}\n`)
    if (outputs.length === 0) return
  }
  if (outputs.length === 0 || outputs.some((output) => output.path === undefined)) await printSaved(saved, outputs, world)
  await writeOutputs(saved, outputs, world, (line) => world.stderr.write(`wrote   ${line}\n`))
}

/** The result's file: the one named, or the result.json in the folder. */
async function pathOfResult(path: string, cwd: string): Promise<string> {
  return (await stat(resolve(cwd, path))).isDirectory() ? join(path, 'result.json') : path
}

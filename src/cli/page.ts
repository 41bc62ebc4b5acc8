import { writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { messageOf } from '../core/errors.js'
import type { Saved } from '../schema/saved.js'
import { renderPage } from './outputs.js'
import type { World } from './world.js'

/** The page of a result, in the folder of its result.json. */
const PAGE = 'report.html'

/**
 * Writes a result's page beside its file, whose path is given as it was shown, and opens it when asked to. The result is safe by then: a
 * page that can't be made is told on stderr, and nothing more. Returns the path of the page as it is shown, or nothing.
 */
export async function savePage(saved: Saved, result: string, { open }: { open?: boolean }, world: World): Promise<string[]> {
  const shown = join(dirname(result), PAGE)
  const path = resolve(world.cwd, shown)
  try {
    await writeFile(path, await renderPage(saved))
    if (open) await world.open(path)
    return [shown]
  } catch (error) {
    world.stderr.write(`redline: ${PAGE}: ${messageOf(error)}\n`)
    return []
  }
}

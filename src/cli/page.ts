import { writeFile } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { messageOf } from '../core/errors.js'
import type { Saved } from '../schema/saved-kinds.js'
import { renderPage } from './outputs.js'
import type { World } from './world.js'

/** The page of a result, in the folder of its result.json; what compare and gate wrote elsewhere has a page of its own name. */
function pageOf({ kind }: Saved, result: string): string {
  return kind === 'run' || kind === 'audit' || basename(result) === 'result.json'
    ? 'report.html'
    : `${basename(result, extname(result))}.html`
}

/**
 * Writes a result's page beside its file, whose path is given as it was shown, and opens it when asked to. The result is safe by then: a
 * page that can't be made is told on stderr, and nothing more. `render` makes it where something is ready to. Returns the path of the page as it is shown, or nothing.
 */
export async function savePage(
  saved: Saved,
  result: string,
  { open }: { open?: boolean },
  world: World,
  render = renderPage,
): Promise<string[]> {
  const page = pageOf(saved, result)
  const shown = join(dirname(result), page)
  const path = resolve(world.cwd, shown)
  try {
    await writeFile(path, await render(saved))
    if (open) await world.open(path)
    return [shown]
  } catch (error) {
    world.stderr.write(`redline: ${page}: ${messageOf(error)}\n`)
    return []
  }
}

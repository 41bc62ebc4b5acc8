import { spawn } from 'node:child_process'
import { InputError } from '../core/errors.js'
import { quote } from '../core/text.js'

/** Opens a file with what the desktop has for it. Throws InputError where there is nothing. */
export async function openFile(path: string): Promise<void> {
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open'
  const child = spawn(opener, [path], { detached: true, stdio: 'ignore' })
  await new Promise<void>((resolveSpawned, reject) => {
    child.once('spawn', resolveSpawned)
    child.once('error', (error) =>
      reject(new InputError(`${opener} can not open ${quote(path)}`, { hint: 'open the file in a browser', cause: error })),
    )
  })
  child.unref()
}

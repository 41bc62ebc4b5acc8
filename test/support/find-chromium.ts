import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where Chromium is on this machine: as CHROMIUM says, or on PATH. Undefined where there is none. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env['CHROMIUM'] !== undefined) return env['CHROMIUM']
  const names = ['chromium', 'chromium-browser', 'google-chrome']
  const folders = (env['PATH'] ?? '').split(delimiter)
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path))
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * What tests write into the folder for temporary files lies in one of their own, and is gone when they end. Its name is short because the path of a
 * Unix socket may not have more than a hundred bytes.
 */
export default function ownFolder(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'rl-'))
  process.env['TMPDIR'] = folder
  return () => rmSync(folder, { recursive: true, force: true })
}

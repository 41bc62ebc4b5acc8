// @ts-check
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EXIT } from '#redline/core/errors.js'
import { CLI, ROOT } from '../scripts/setup.js'
import { runTimed } from './tools.js'

/**
 * One whole audit by the command, without limits of impact; every rule is asked, and result and page are written. Throws when it did not see all keys.
 * @param {string} url
 * @param {number} keys that are there
 */
export function wholeAudit(url, keys) {
  const cwd = mkdtempSync(join(tmpdir(), 'redline-'))
  try {
    const preload = ['--import', fileURLToPath(new URL('peak.js', import.meta.url))]
    const startedAt = performance.now()
    const { printed, cpuSeconds } = runTimed(
      [process.execPath, ...preload, `${ROOT}${CLI}`, 'audit', url, '--max-impact', 'none', '--json'],
      { cwd, codes: [EXIT.ok, EXIT.failed] },
    )
    const wallSeconds = (performance.now() - startedAt) / 1000
    const end = printed.trimEnd().lastIndexOf('\n')
    /** @type {import('#redline/schema/audit.js').AuditResult} */
    const { coverage, cost, totals } = JSON.parse(printed.slice(0, end))
    if (!coverage.complete || totals.keys.value !== keys) throw new Error(`${totals.keys.value} of ${keys} keys were seen`)
    return {
      wallSeconds,
      cpuSeconds,
      keys,
      seconds: cost.seconds,
      scanSeconds: (cost.serverCpuSeconds ?? 0) / (cost.serverCpuShare ?? 1),
      serverCpuSeconds: cost.serverCpuSeconds ?? NaN,
      residentMb: Number(printed.slice(end)),
    }
  } finally {
    rmSync(cwd, { recursive: true })
  }
}

// @ts-check
/*
 * One whole audit in a process of its own, as the command line runs it, so that its memory and CPU time can be taken as a whole:
 * node bench/audit-process.js URL KEYS. Without limits of impact; every rule is asked. Prints keys, the seconds that it took, CPU seconds and the
 * peak of resident memory in MB.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main } from '#redline/cli/program.js'

const [url = '', keys = '0'] = process.argv.slice(2)
const cwd = mkdtempSync(join(tmpdir(), 'redline-'))
let printed = ''
const output = (/** @type {(text: string) => void} */ write) => ({ write, isTTY: false, columns: undefined })
const code = await main(['audit', url, '--max-impact', 'none', '--json'], {
  stdout: output((text) => void (printed += text)),
  stderr: output(() => undefined),
  env: process.env,
  cwd,
  signal: new AbortController().signal,
  version: 'bench',
  open: () => Promise.resolve(),
})
rmSync(cwd, { recursive: true })
if (code > 1) throw new Error(`the audit ended with ${code}`)
/** @type {import('#redline/schema/audit.js').AuditResult} */
const { coverage, cost, totals } = JSON.parse(printed)
if (!coverage.complete || totals.keys.value !== Number(keys)) throw new Error(`${totals.keys.value} of ${keys} keys were seen`)
const { user, system } = process.cpuUsage()
console.log(
  JSON.stringify({
    keys: coverage.keysSeen,
    bytes: totals.bytes.value,
    seconds: cost.seconds,
    scanSeconds: (cost.serverCpuSeconds ?? 0) / (cost.serverCpuShare ?? 1),
    serverCpuSeconds: cost.serverCpuSeconds,
    cpuSeconds: (user + system) / 1e6,
    residentMb: process.resourceUsage().maxRSS / 1024,
  }),
)

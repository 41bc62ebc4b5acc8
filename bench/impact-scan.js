// @ts-check
/*
 * Audits a server again and again until it is told to end (SIGTERM), or once: node bench/impact-scan.js URL IMPACT [once]. Whole audits, as the command
 * line runs them. Says `ready` when the first keys are read, and in the end prints how fast it read, and what its reports say that it cost.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main } from '#redline/cli/program.js'

const [url = '', impact = '', times = ''] = process.argv.slice(2)
const ending = new AbortController()
process.once('SIGTERM', () => ending.abort())

const cwd = mkdtempSync(join(tmpdir(), 'redline-'))
/** @type {import('#redline/schema/audit.js').Cost[]} */
const costs = []
let keys = 0
let seconds = 0
let isReady = false
for (let isLast = false; !isLast; isLast ||= ending.signal.aborted) {
  isLast = times === 'once'
  /** @type {number | undefined} */
  let readingSince
  let printed = ''
  const code = await main(['audit', url, '--max-impact', impact, '--json'], {
    stdout: { write: (text) => void (printed += text), isTTY: false, columns: undefined },
    stderr: {
      write: (text) => {
        if (readingSince !== undefined || !text.includes('reading keys')) return
        readingSince = performance.now()
        if (!isReady) console.log('ready')
        isReady = true
      },
      isTTY: true,
      columns: 80,
    },
    open: () => Promise.resolve(),
    env: process.env,
    cwd,
    signal: ending.signal,
    version: 'bench',
  })
  if (code > 1 && !ending.signal.aborted) throw new Error(`the audit ended with ${code}`)
  if (printed === '') break
  /** @type {import('#redline/schema/audit.js').AuditResult} */
  const { coverage, cost } = JSON.parse(printed)
  costs.push(cost)
  keys += coverage.keysSeen
  seconds += (performance.now() - (readingSince ?? performance.now())) / 1000
}
rmSync(cwd, { recursive: true })
console.log(JSON.stringify({ keys, keysPerSecond: keys / seconds, costs }))

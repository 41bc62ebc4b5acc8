// @ts-check
/*
 * Audits a server when it is told to, as the command line runs audits: node bench/impact-scan.js URL. Takes lines on its input: `start IMPACT` audits
 * again and again, and is answered with `ready` when the first keys are read; `stop` ends that and is answered with how fast it read, and what its
 * reports say that it cost; `once IMPACT` is answered so after one whole audit. Ends with its input.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { main } from '#redline/cli/program.js'

const [url = ''] = process.argv.slice(2)
const cwd = mkdtempSync(join(tmpdir(), 'redline-'))

/** @typedef {{ keys: number, keysPerSecond: number, costs: import('#redline/schema/audit.js').Cost[] }} Scan */

/**
 * @param {string} impact
 * @param {boolean} isOnce
 * @param {AbortSignal} signal
 * @returns {Promise<Scan>}
 */
async function audit(impact, isOnce, signal) {
  /** @type {Scan['costs']} */
  const costs = []
  let keys = 0
  let seconds = 0
  let isReady = isOnce
  for (let isLast = false; !isLast; isLast = isOnce || signal.aborted) {
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
      signal,
      version: 'bench',
    })
    if (code > 1 && !signal.aborted) throw new Error(`the audit ended with ${code}`)
    if (printed === '') break
    /** @type {import('#redline/schema/audit.js').AuditResult} */
    const { coverage, cost } = JSON.parse(printed)
    costs.push(cost)
    keys += coverage.keysSeen
    seconds += (performance.now() - (readingSince ?? performance.now())) / 1000
  }
  return { keys, keysPerSecond: keys / seconds, costs }
}

let ending = new AbortController()
/** @type {Promise<Scan> | undefined} */
let scan
for await (const line of createInterface({ input: process.stdin })) {
  const [order = '', impact = ''] = line.split(' ')
  if (order === 'start') {
    ending = new AbortController()
    scan = audit(impact, false, ending.signal)
  } else {
    ending.abort()
    console.log(JSON.stringify(await (order === 'stop' ? scan : audit(impact, true, new AbortController().signal))))
  }
}
ending.abort()
await scan
rmSync(cwd, { recursive: true })

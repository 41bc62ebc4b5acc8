// @ts-check
/*
 * One `redline report` in a process of its own: node bench/render-process.js FILE FORMAT OUT. Prints the seconds since the process began, its CPU
 * seconds and the peak of its resident memory in MB.
 */
import { main } from '#redline/cli/program.js'

const [file = '', format = '', out = ''] = process.argv.slice(2)
let said = ''
const output = (/** @type {(text: string) => void} */ write) => ({ write, isTTY: false, columns: undefined })
const code = await main(['report', file, '--format', `${format}=${out}`], {
  stdout: output(() => undefined),
  stderr: output((text) => void (said += text)),
  env: process.env,
  cwd: process.cwd(),
  signal: new AbortController().signal,
  version: 'bench',
  open: () => Promise.resolve(),
})
if (code !== 0) throw new Error(said)
const { user, system } = process.cpuUsage()
const cpuSeconds = (user + system) / 1e6
console.log(JSON.stringify({ seconds: performance.now() / 1000, cpuSeconds, residentMb: process.resourceUsage().maxRSS / 1024 }))

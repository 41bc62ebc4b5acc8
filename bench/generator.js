// @ts-check
/*
 * One closed load of redline's generator in a process of its own, so that its CPU time can be taken as a whole, as that of
 * redis-benchmark is: node bench/generator.js URL COMMAND CONNECTIONS PIPELINE THREADS COUNT. Prints, of the measured part,
 * operations per second and the CPU time of the whole process per request, in microseconds.
 */
import { setMaxListeners } from 'node:events'
import { systemClock } from '#redline/core/clock.js'
import { parseCommandLine } from '#redline/core/template.js'
import { GeneratorPool } from '#redline/load/pool.js'
import { parseAddress } from '#redline/wire/address.js'

const [url = '', line = '', ...numbers] = process.argv.slice(2)
const [connections = 50, pipeline = 1, threads = 1, count = 100_000] = numbers.map(Number)
const { signal } = new AbortController()
setMaxListeners(0, signal)

const boundary = (/** @type {number} */ thread) => Math.floor((connections * thread) / threads)
/** @type {import('#redline/load/messages.js').LoadSlice[]} */
const slices = Array.from({ length: threads }, (_, thread) => ({
  address: parseAddress(url, {}),
  driver: 'wire',
  executor: 'closed',
  protocol: 2,
  commands: [{ args: parseCommandLine(line, 'command'), weight: undefined }],
  workload: undefined,
  prefix: '',
  connections: boundary(thread + 1) - boundary(thread),
  pipeline,
  rate: undefined,
  arrival: 'constant',
  keys: 100_000,
  members: 1,
  firstLane: boundary(thread),
  lanes: connections,
  thread,
  threads,
  seed: Date.now() & 0xffff,
  epoch: 0,
  timeoutMs: 5000,
  reconnects: false,
}))

const pool = new GeneratorPool()
const open = await pool.open(slices, signal)
/** @param {number} operations */
const runPhase = (operations) =>
  open.runPhase(
    slices.map((slice) => ({
      measured: true,
      startAt: systemClock.now() + 5,
      durationMs: undefined,
      count: Math.round((operations * slice.connections) / connections),
    })),
  )
// redis-benchmark starts compiled; here the compiler runs beside the first requests.
await runPhase(Math.min(count, 100_000))
const before = process.cpuUsage()
const reports = await runPhase(count)
const { user, system } = process.cpuUsage(before)
open.close()
await pool.stop()

const operations = reports.reduce((sum, { outcome }) => sum + outcome.operations, 0)
const timed = reports.reduce((sum, { latency }) => sum + latency.total, 0)
const seconds = Math.max(...reports.map(({ outcome }) => outcome.elapsedMs)) / 1000
if (timed !== operations || operations < count - threads) throw new Error(`${timed} of ${count} requests were timed`)
console.log(JSON.stringify({ rate: operations / seconds, cpuUs: (user + system) / operations }))

// @ts-check
/*
 * One closed load of redline's generator in a process of its own, so that its CPU time can be taken as a whole, as that of
 * redis-benchmark is: node bench/generator.js URL COMMAND CONNECTIONS PIPELINE THREADS COUNT. Prints operations per second.
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
}))

const pool = new GeneratorPool()
const open = await pool.open(slices, signal)
const phase = (/** @type {import('#redline/load/messages.js').LoadSlice} */ slice) => ({
  startAt: systemClock.now() + 5,
  durationMs: undefined,
  count: Math.round((count * slice.connections) / connections),
})
const reports = await open.runPhase(slices.map(phase))
open.close()
await pool.stop()

const operations = reports.reduce((sum, { outcome }) => sum + outcome.operations, 0)
const timed = reports.reduce((sum, { latency }) => sum + latency.total, 0)
const seconds = Math.max(...reports.map(({ outcome }) => outcome.elapsedMs)) / 1000
if (timed !== operations || operations < count - threads) throw new Error(`${timed} of ${count} requests were timed`)
console.log((operations / seconds).toFixed(0))

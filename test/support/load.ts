import { systemClock } from '#redline/core/clock.js'
import { parseCommandLine } from '#redline/core/template.js'
import { mergeRecordings } from '#redline/load/histogram.js'
import type { LoadSlice, PhaseReport } from '#redline/load/messages.js'
import { GeneratorPool } from '#redline/load/pool.js'
import type { Recording } from '#redline/load/recorder.js'
import { parseAddress } from '#redline/wire/address.js'

export interface LoadRequest extends Partial<Omit<LoadSlice, 'commands' | 'address'>> {
  url: string
  command?: string
  durationMs?: number
  count?: number
  warmupMs?: number
  signal?: AbortSignal
}

/** One load over real generator threads, without the rest of a run. */
export async function generate(request: LoadRequest): Promise<PhaseReport[]> {
  const {
    url,
    command = 'SET key:{key} {bytes 64}',
    durationMs,
    count,
    warmupMs = 0,
    signal = new AbortController().signal,
    ...given
  } = request
  const slices = slicesFor({
    ...given,
    address: parseAddress(url, {}),
    commands: [{ args: parseCommandLine(command, 'command'), weight: undefined }],
  })
  const pool = new GeneratorPool()
  try {
    const open = await pool.open(slices, signal)
    const startAt = () => systemClock.now() + 5
    if (warmupMs > 0)
      await open.runPhase(slices.map(() => ({ measured: false, startAt: startAt(), durationMs: warmupMs, count: undefined })))
    // Counts in the tests divide evenly.
    const part = (slice: LoadSlice) => (count === undefined ? undefined : (count * slice.connections) / slice.lanes)
    const reports = await open.runPhase(slices.map((slice) => ({ measured: true, startAt: startAt(), durationMs, count: part(slice) })))
    open.close()
    return reports
  } finally {
    await pool.stop()
  }
}

function slicesFor(given: Partial<LoadSlice> & Pick<LoadSlice, 'address' | 'commands'>): LoadSlice[] {
  const threads = given.threads ?? 1
  const lanes = given.connections ?? 50
  return Array.from({ length: threads }, (_, thread) => ({
    driver: 'wire',
    executor: given.rate === undefined ? 'closed' : 'open',
    protocol: 2,
    workload: undefined,
    prefix: '',
    pipeline: 1,
    rate: undefined,
    arrival: 'constant',
    keys: 100_000,
    members: 1,
    seed: 42,
    epoch: 0,
    timeoutMs: 5000,
    reconnects: false,
    ...given,
    connections: Math.floor((lanes * (thread + 1)) / threads) - Math.floor((lanes * thread) / threads),
    firstLane: Math.floor((lanes * thread) / threads),
    lanes,
    thread,
    threads,
  }))
}

/** One distribution over all threads. */
export function merged(reports: readonly PhaseReport[], which: 'latency' | 'service' | 'lateness' | 'ownLateness'): Recording {
  return mergeRecordings(reports.map((report) => report[which]))
}

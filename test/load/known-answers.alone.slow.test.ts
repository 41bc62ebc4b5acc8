import { afterEach, describe, expect, test } from 'vitest'
import { Rng } from '#redline/core/rng.js'
import { percentile } from '#redline/load/histogram.js'
import type { PhaseReport } from '#redline/load/messages.js'
import { generate, merged } from '../support/load.js'
import { type RespServer, type RespServerOptions, startRespServer } from '../support/resp-server.js'
import { startServer } from '../support/servers.js'

/*
 * Loads whose true latencies are known, because the server in the test decides them.
 */

let server: RespServer | undefined
const start = async (options: RespServerOptions) => (server = await startRespServer(options))
afterEach(async () => {
  await server?.stop()
  server = undefined
})

const PERCENTS = [50, 90, 99, 99.9]

/** The smallest of the sorted values that `percent` of them do not exceed. */
const rank = (sorted: readonly number[], percent: number) => sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length - 1e-9) - 1)]!

describe('a server whose delays are known', () => {
  /** The latencies recorded against the delays that the server in the test says it really gave, at the percentiles of both. */
  async function ratios(delayMs: () => number, connections: number, count: number): Promise<Record<string, number>> {
    const { url, delays } = await start({ delayMs })
    const latency = merged(await generate({ url, connections, count }), 'latency')
    expect(latency.total).toBe(count)
    const sorted = delays.toSorted((a, b) => a - b)
    return Object.fromEntries(PERCENTS.map((percent) => [`p${percent}`, percentile(latency, percent) / 1e6 / rank(sorted, percent)]))
  }

  // Delays so long that what the operating system adds, up to some milliseconds on a small virtual machine, stays below 2%.
  test('a fixed delay is what every percentile says, within 2%', async () => {
    // The first reply of each connection comes at a time of its own, so that they don't all come at once ever after.
    const rng = new Rng(3)
    let replies = 0
    for (const [name, ratio] of Object.entries(await ratios(() => (replies++ < 100 ? 500 * rng.float() : 500), 100, 1200))) {
      expect(Math.abs(ratio - 1), `${name} is ${ratio} of the delay`).toBeLessThan(0.02)
    }
  })

  test('exponential delays are recorded with their own percentiles, within 2%', async () => {
    const rng = new Rng(7)
    const delays = () => 100 - 300 * Math.log(1 - rng.float())
    for (const [name, ratio] of Object.entries(await ratios(delays, 200, 3000))) {
      expect(Math.abs(ratio - 1), `${name} is ${ratio} of the delay`).toBeLessThan(0.02)
    }
  })

  test('each reply of a batch has its own latency', async () => {
    let n = 0
    const { url } = await start({ delayMs: () => [10, 20, 30, 40][n++ % 4]! })
    const latency = merged(await generate({ url, connections: 1, pipeline: 4, count: 200 }), 'latency')
    const at = (percent: number) => percentile(latency, percent) / 1e6
    for (const [percent, ms] of [
      [12, 10],
      [37, 20],
      [62, 30],
      [87, 40],
    ] as const) {
      expect(at(percent), `p${percent}`).toBeGreaterThanOrEqual(ms - 0.1)
      expect(at(percent), `p${percent}`).toBeLessThan(ms + 8)
    }
  })
})

describe('a Redis that is stopped for 500 ms in an open loop at 1000/s', () => {
  /** Runs the load with the pause in it, and says how long the pause really was. */
  async function withPause(load: {
    connections: number
    pipeline: number
    durationMs: number
  }): Promise<{ reports: PhaseReport[]; pauseMs: number }> {
    const redis = await startServer()
    let pauseMs = 0
    const timer = setTimeout(() => {
      process.kill(redis.pid, 'SIGSTOP')
      const stopped = performance.now()
      setTimeout(() => {
        process.kill(redis.pid, 'SIGCONT')
        pauseMs = performance.now() - stopped
      }, 500)
    }, 2000)
    const reports = await generate({ url: redis.url, rate: 1000, ...load })
    clearTimeout(timer)
    await redis.stop()
    expect(pauseMs).toBeGreaterThanOrEqual(499)
    expect(reports[0]!.outcome).toMatchObject({ operations: load.durationMs, unsent: 0, unanswered: 0 })
    return { reports, pauseMs }
  }

  test('in 10 s: latency shows everyone who waited, within 5% of the analytic distribution', async () => {
    const { reports, pauseMs } = await withPause({ connections: 50, pipeline: 12, durationMs: 10_000 })
    const latency = merged(reports, 'latency')
    // One arrival a millisecond falls into the pause; one that is due t ms into it waits for the rest. So the value at
    // percentile p of the 10,000 is the pause less (100 - p) / 100 * 10,000 ms.
    for (const percent of [96, 97, 98, 99, 99.5, 99.9]) {
      const analytic = pauseMs - (100 - percent) * 100
      const ms = percentile(latency, percent) / 1e6
      expect(Math.abs(ms - analytic) / analytic, `p${percent} is ${ms} ms, analytically ${analytic} ms`).toBeLessThan(0.05)
    }
  })

  test('with ten connections: service time shows what a closed loop would have said', async () => {
    const { reports, pauseMs } = await withPause({ connections: 10, pipeline: 1, durationMs: 4000 })
    const [latency, service] = [merged(reports, 'latency'), merged(reports, 'service')]
    // Ten requests were under way when the server stopped, and only they saw it: a quarter of a percent of all. The others
    // waited unsent: an eighth of all arrivals, half of them for more than half of the pause.
    expect(percentile(service, 99) / 1e6).toBeLessThan(50)
    expect(service.max / 1e6).toBeGreaterThan(pauseMs * 0.9)
    expect(percentile(latency, 94) / 1e6).toBeGreaterThan(pauseMs * 0.4)
    expect(reports[0]!.outcome.delayed).toBeGreaterThan(400)
  })
})

describe('work that cannot be done', () => {
  test('arrivals that a slow server leaves no room for are counted as unsent', async () => {
    const { url } = await start({ delayMs: () => 2000 })
    const reports = await generate({ url, connections: 2, rate: 100, durationMs: 1000 })
    const { operations, unsent, unanswered, delayed } = reports[0]!.outcome
    expect(operations + unsent + unanswered).toBe(100)
    expect(unsent).toBeGreaterThan(80)
    expect(delayed).toBeGreaterThan(0)
  })

  test('requests that a dead server never answers are counted as unanswered', async () => {
    const { url } = await start({ delayMs: () => 60_000 })
    const reports = await generate({ url, connections: 5, durationMs: 200 })
    expect(reports[0]!.outcome).toMatchObject({ operations: 0, unanswered: 5 })
  })

  test('a connection that breaks is a loss with its reason, and the others go on', async () => {
    const mortal = await start({ delayMs: () => 5 })
    const running = generate({ url: mortal.url, connections: 5, durationMs: 1000 })
    setTimeout(() => void mortal.stop(), 400)
    const [report] = await running
    server = undefined
    expect(report!.outcome.operations).toBeGreaterThan(50)
    expect(Object.values(report!.outcome.losses).reduce((sum, count) => sum + count, 0)).toBe(5)
  })
})

describe('repeating a run', () => {
  const bytesOf = async (request: { command: string; pipeline: number; threads: number; rate?: number }) => {
    const { url, received } = await start({ keep: true })
    await generate({ url, connections: 4, count: 400, ...request })
    const streams = received.map((chunks) => Buffer.concat(chunks).toString('latin1'))
    await server!.stop()
    return streams.toSorted()
  }
  const command =
    'HSET user:{key zipf} name {word} mail {email} id {uuid} data {bytes 10..40} plan {oneof free pro} n {int 1..1000 gaussian} s {seq}'

  test('the same seed sends the same bytes, on any number of threads', async () => {
    const first = await bytesOf({ command, pipeline: 4, threads: 1 })
    expect(first).toHaveLength(4)
    expect(await bytesOf({ command, pipeline: 4, threads: 1 })).toEqual(first)
    expect(await bytesOf({ command, pipeline: 4, threads: 2 })).toEqual(first)
    expect(await bytesOf({ command, pipeline: 1, threads: 1 })).toEqual(first)
  })

  test('another seed sends other bytes', async () => {
    const { url, received } = await start({ keep: true })
    await generate({ url, connections: 4, count: 400, seed: 1 })
    await generate({ url, connections: 4, count: 400, seed: 2 })
    const streams = received.map((chunks) => Buffer.concat(chunks).toString('latin1'))
    expect(new Set(streams).size).toBe(8)
  })
})

import { expect, test } from 'vitest'
import { createSink } from '#redline/load/executors/sink.js'
import { runMicro } from '#redline/load/executors/micro.js'
import { InputError } from '#redline/core/errors.js'
import { planOf, runPlans } from '../support/scenarios.js'

const never = new AbortController().signal

/** Keeps a core busy for so many microseconds. */
function spin(us: number): void {
  const end = performance.now() + us / 1000
  while (performance.now() < end);
}

test('work of a known length is measured as that long, in wall and in CPU time', async () => {
  const start = performance.now()
  const sink = createSink('micro', start)
  const { outcome, clientCpuUs } = await runMicro(() => spin(200), { durationMs: 400, count: undefined }, sink, start, never)
  expect(sink.latency.recording.min / 1000).toBeGreaterThanOrEqual(199)
  expect(sink.latency.recording.min / 1000).toBeLessThan(260)
  expect(sink.latency.recording.total).toBe(outcome.operations)
  expect(outcome.elapsedMs).toBeGreaterThanOrEqual(400)
  // Other processes take time from the wall clock, and none from this.
  expect(clientCpuUs!).toBeGreaterThan(80)
  expect(clientCpuUs!).toBeLessThan(230)
})

test('calls that are shorter than the clock can tell are measured many at a time', async () => {
  const start = performance.now()
  const sink = createSink('micro', start)
  let calls = 0
  const { outcome } = await runMicro(() => calls++, { durationMs: undefined, count: 500_000 }, sink, start, never)
  expect(outcome.operations).toBeGreaterThanOrEqual(500_000)
  expect(calls).toBeGreaterThanOrEqual(outcome.operations)
  expect(sink.latency.recording.sum / outcome.operations).toBeLessThan(1000)
})

test('an error in the work is told, and an interruption ends it', async () => {
  const start = performance.now()
  const broken = () => {
    throw new Error('no such field')
  }
  await expect(runMicro(broken, { durationMs: 50, count: undefined }, createSink('micro', start), start, never)).rejects.toThrow(
    'no such field',
  )
  const abort = new AbortController()
  setTimeout(() => abort.abort(), 150)
  const { outcome } = await runMicro(
    () => spin(10),
    { durationMs: 60_000, count: undefined },
    createSink('micro', start),
    start,
    abort.signal,
  )
  expect(outcome.elapsedMs).toBeLessThan(5000)
})

const modules = { serializing: new URL('../fixtures/workloads/serializing.js', import.meta.url).href }
const micro = (workload: string) => {
  const plan = planOf(`
name: test/micro
claim: none
variants: { small: { workload: ${workload}, params: { fields: 2 } }, large: { workload: ${workload}, params: { fields: 200 } } }
load: { duration: 200ms, warmup: 50ms }
rounds: 2
expect: ['small.client_cpu_us < 0.2 * large.client_cpu_us']
`)
  return {
    ...plan,
    variants: plan.variants.map((variant) => ({
      ...variant,
      loads: variant.loads.map((load) => ({ ...load, executor: 'micro' as const })),
    })),
  }
}

test('a round of it has its latency and its CPU time, and sends nothing to the server', async () => {
  const [scenario] = (await runPlans([micro('serializing')], { modules })).scenarios
  for (const { rounds, summary } of scenario!.variants) {
    expect(summary['client_cpu_us']).toMatchObject({ unit: 'us' })
    for (const round of rounds) {
      expect(round.loads[0]).toMatchObject({ executor: 'micro', errors: {}, unanswered: 0 })
      expect(round.server.commands).toEqual({})
      expect(round.validity.limiter).toBe('generator')
    }
  }
  const [small, large] = scenario!.variants
  expect(small!.summary['p50']!.median * 5).toBeLessThan(large!.summary['p50']!.median)
  expect(small!.summary['client_cpu_us']!.median * 5).toBeLessThan(large!.summary['client_cpu_us']!.median)
})

test('a workload without such work is refused', async () => {
  const plan = micro('atomic-counter')
  const refused = await runPlans([
    {
      ...plan,
      variants: plan.variants.map((variant) => ({
        ...variant,
        loads: variant.loads.map((load) => ({ ...load, workload: { id: 'atomic-counter', params: {} } })),
      })),
    },
  ]).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(InputError)
  expect(String(refused)).toContain("atomic-counter has no work of the client's own, which executor micro measures")
})

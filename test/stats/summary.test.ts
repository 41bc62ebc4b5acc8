import { expect, test } from 'vitest'
import { METRICS } from '#redline/schema/metrics.js'
import { metricsOfRound, summarize } from '#redline/stats/summary.js'
import { invalidity, latency, load, round, roundsAt, server, validity } from '../support/results.js'

test('a round gives every metric', () => {
  const measured = round({
    loads: [
      load({
        achieved: 96_000,
        durationMs: 10_000,
        errors: { OOM: 6_000, WRONGTYPE: 3_600 },
        latency: latency({ p50: 410, p90: 600, p99: 920, p999: 1800, max: 4200, mean: 430 }),
        service: latency({ p50: 400, p99: 900 }),
      }),
    ],
    server: server({ seconds: 10, cpu: { share: 0.96 }, memory: { deltaBytes: -4096 }, keyspace: { hits: 30, misses: 10 } }),
  })
  const metrics = {
    throughput: 96_000,
    p50: 410,
    p90: 600,
    p99: 920,
    p999: 1800,
    max: 4200,
    mean: 430,
    service_p50: 400,
    service_p99: 900,
    errors: 0.01,
    server_cpu_us: 10,
    bytes_per_operation: 62.5,
    memory_delta: -4096,
    hit_rate: 0.75,
    evicted: 0,
  }
  expect(metricsOfRound(measured)).toEqual(metrics)
  expect(Object.keys(metrics)).toEqual(Object.keys(METRICS).slice(0, Object.keys(metrics).length))
})

test('what was not measured is absent, and not 0', () => {
  const idle = round({
    loads: [load({ achieved: 0, operations: 0, latency: latency({ count: 0 }), service: latency({ count: 0 }) })],
    server: server({ keyspace: { hits: 0, misses: 0 } }),
  })
  expect(metricsOfRound(idle)).toEqual({ throughput: 0, evicted: 0, memory_delta: 0 })
})

test('when every operation was lost with its connection, all of them failed', () => {
  const lost = round({ loads: [load({ operations: 0, errors: { ECONNRESET: 50 } })] })
  expect(metricsOfRound(lost).errors).toBe(1)
})

test('a load has its own figures, and the server those of all loads together', () => {
  const both = round({
    loads: [load({ name: 'disturbing', achieved: 90_000 }), load({ name: 'bystander', achieved: 10_000, latency: latency({ p99: 77 }) })],
    server: server({ seconds: 10, cpu: { share: 1 } }),
  })
  expect(metricsOfRound(both)).toMatchObject({ throughput: 90_000, server_cpu_us: 10 })
  expect(metricsOfRound(both, 'bystander')).toMatchObject({ throughput: 10_000, p99: 77, server_cpu_us: 10 })
  expect(metricsOfRound(both, 'nobody')).toEqual({})
  expect(metricsOfRound(round({ loads: [] }))).toEqual({})
})

test('a summary has the median and the extremes over the rounds, with units, in the order of the metrics', () => {
  const summary = summarize(roundsAt([95_000, 99_000, 96_000]))
  expect(summary['throughput']).toEqual({ median: 96_000, low: 95_000, high: 99_000, unit: 'ops/s' })
  expect(summary['p99']).toEqual({ median: 920, low: 920, high: 920, unit: 'us' })
  const measured = Object.keys(summary)
  expect(measured).toEqual(Object.keys(METRICS).filter((name) => measured.includes(name)))
  expect(measured).toEqual(expect.arrayContaining(['throughput', 'p99', 'errors', 'server_cpu_us', 'memory_delta', 'hit_rate', 'evicted']))
  expect(summarize(roundsAt([95_000, 99_000]))['throughput']).toMatchObject({ median: 97_000 })
})

test('where only the machine was too busy, what was counted counts, and CPU time, and what waited does not', () => {
  const busy = round({ validity: invalidity(), measures: { lost: 3, delivery_p99: 1000, client_cpu_us: 5 } })
  const summary = summarize([busy])
  expect(summary['lost']).toEqual({ median: 3, low: 3, high: 3, unit: 'count' })
  expect(summary).toHaveProperty('hit_rate')
  for (const cpu of ['server_cpu_us', 'client_cpu_us']) expect(summary).toHaveProperty(cpu)
  for (const timed of ['throughput', 'p50', 'delivery_p99']) expect(summary).not.toHaveProperty(timed)
})

test('a round that failed in any other way counts for nothing', () => {
  const reasons = [
    { code: 'generator-starved', severity: 'invalid', message: 'no core' } as const,
    { code: 'check-failed', severity: 'invalid', message: 'the encoding is another' } as const,
  ]
  expect(summarize([round({ validity: validity({ verdict: 'invalid', reasons }), measures: { lost: 3 } })])).toEqual({})
})

test('the times of an invalid round count for nothing, those of a suspect one for all it measured', () => {
  const [slow, fast] = roundsAt([10_000, 99_000])
  const summary = summarize([
    { ...slow!, validity: invalidity() },
    { ...fast!, validity: validity({ verdict: 'suspect' }) },
  ])
  expect(summary['throughput']).toEqual({ median: 99_000, low: 99_000, high: 99_000, unit: 'ops/s' })
  expect(summarize([])).toEqual({})
})

test('a metric that only some rounds have is summarized over those', () => {
  const rounds = [1, 0].map((hits) => round({ server: server({ keyspace: { hits, misses: 0 } }) }))
  expect(summarize(rounds)['hit_rate']).toEqual({ median: 1, low: 1, high: 1, unit: 'share' })
})

test('a summary is of the load it is asked for', () => {
  const rounds = [10, 20, 30].map((achieved) => round({ loads: [load(), load({ name: 'bystander', achieved })] }))
  expect(summarize(rounds, 'bystander')['throughput']).toMatchObject({ median: 20, low: 10, high: 30 })
})

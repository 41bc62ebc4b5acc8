import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js'
import {
  environmentSchema,
  expectationSchema,
  generatorSchema,
  latencySchema,
  loadResultSchema,
  roundSchema,
  runResultSchema,
  serverDeltaSchema,
  targetSchema,
  validitySchema,
  variantSchema,
} from '#redline/schema/result.js'
import type {
  Environment,
  ExpectationResult,
  GeneratorHealth,
  Latency,
  LoadResult,
  Round,
  RunResult,
  ScenarioResult,
  ServerDelta,
  Target,
  Validity,
  ValidityReason,
  VariantResult,
} from '#redline/schema/result.js'
import { summarize } from '#redline/stats/summary.js'

/*
 * Results as a healthy run would give them, each part overridable by its fields and checked against the schema. What follows from
 * another field (operations from achieved, a summary from its rounds) does so unless it is given.
 */

type Fields<T> = { [K in keyof T]?: T[K] }
type Thread = GeneratorHealth['threads'][number]

export function latency(fields: Fields<Latency> = {}): Latency {
  const times = { min: 90, mean: 430, p50: 410, p90: 600, p99: 920, p999: 1800, max: 4200 }
  return latencySchema.parse({ unit: 'us', count: 960_000, ...times, hdr: HDR, ...fields })
}

/** A closed loop; `openLoad` is the other. */
export function load(fields: Fields<LoadResult> = {}): LoadResult {
  const { achieved = 96_000, durationMs = 10_000, operations = Math.round((achieved * durationMs) / 1000) } = fields
  return loadResultSchema.parse({
    name: 'main',
    executor: 'closed',
    driver: 'wire',
    connections: 50,
    pipeline: 1,
    threads: 1,
    durationMs,
    operations,
    offered: null,
    achieved,
    delayed: 0,
    unsent: 0,
    unanswered: 0,
    errors: {},
    latency: latency({ count: operations }),
    service: latency({ count: operations }),
    lateness: null,
    ...fields,
  })
}

/** An open loop that reached its rate. */
export function openLoad(fields: Fields<LoadResult> = {}): LoadResult {
  const lateness = latency({ min: 0, mean: 3, p50: 1, p90: 5, p99: 30, p999: 120, max: 700 })
  return load({ executor: 'open', offered: 20_000, achieved: 20_000, lateness, ...fields })
}

/** A loaded server; its groups are overridden field by field. */
export function server(
  fields: Fields<Omit<ServerDelta, 'cpu' | 'memory' | 'keyspace'>> & {
    cpu?: Fields<ServerDelta['cpu']>
    memory?: Fields<ServerDelta['memory']>
    keyspace?: Fields<ServerDelta['keyspace']>
  } = {},
): ServerDelta {
  const memory = { usedBytes: 38_000_000, deltaBytes: 0, rssBytes: 45_000_000, fragmentation: 1.18, maxBytes: 0 }
  return serverDeltaSchema.parse({
    seconds: 10,
    commands: { hget: { calls: 960_000, usec: 1_200_000, rejected: 0, failed: 0 } },
    runQueueShare: 0.01,
    evicted: 0,
    expired: 0,
    forks: 0,
    network: { inBytes: 40_000_000, outBytes: 20_000_000 },
    ...fields,
    cpu: { userSeconds: 4.1, systemSeconds: 5.5, share: 0.96, ...fields.cpu },
    memory: { ...memory, ...fields.memory },
    keyspace: { hits: 960_000, misses: 0, keys: 100_000, ...fields.keyspace },
  })
}

export function thread(fields: Fields<Thread> = {}): Thread {
  return { cpuShare: 0.7, runQueueShare: 0.02, loopUtilization: 0.75, loopDelayP99Ms: 0.4, loopDelayMaxMs: 3, ...fields }
}

export function generator(fields: Fields<GeneratorHealth> = {}): GeneratorHealth {
  const health = { threads: [thread()], cpuPerOperationUs: 7.3, lateP99Us: null, lateMaxUs: null, stealShare: 0 }
  return generatorSchema.parse({ ...health, ...fields })
}

/** The verdict follows from the reasons. */
export function validity(fields: Fields<Validity> = {}): Validity {
  const { reasons = [] } = fields
  const has = (severity: ValidityReason['severity']) => reasons.some((reason) => reason.severity === severity)
  const verdict = has('invalid') ? 'invalid' : has('suspect') ? 'suspect' : 'valid'
  return validitySchema.parse({ verdict, limiter: 'server', reasons, ...fields })
}

/** A validity that makes its round's numbers unusable. */
export function invalidity(message = 'the generator used 98% of its core while the server used 40%; try --threads 2'): Validity {
  return validity({ limiter: 'generator', reasons: [{ code: 'generator-saturated', severity: 'invalid', message }] })
}

export function round(fields: Fields<Round> = {}): Round {
  const { loads = [load()] } = fields
  return roundSchema.parse({
    startedAt: '2026-11-22T09:14:05.000Z',
    loads,
    series: seriesOf(loads),
    server: server(),
    generator: generator(),
    network: null,
    validity: validity(),
    measures: {},
    remarks: [],
    faults: [],
    checks: [],
    ...fields,
  })
}

/** A round for each throughput, whose load is otherwise the same. */
export function roundsAt(throughputs: readonly number[], fields: Fields<LoadResult> = {}): Round[] {
  return throughputs.map((achieved) => round({ loads: [load({ ...fields, achieved })] }))
}

export function variant(fields: Fields<VariantResult> = {}): VariantResult {
  const { id = 'one-field', rounds = roundsAt([95_000, 96_000, 97_000]) } = fields
  const name = id.replace(/\[.*/, '')
  const defaults = { id, variant: name, point: {}, commands: ['HGET user:{key zipf} plan'], workload: null, rounds }
  return variantSchema.parse({ ...defaults, summary: summarize(rounds), ...fields })
}

export function expectation(fields: Fields<ExpectationResult> = {}): ExpectationResult {
  return expectationSchema.parse({
    expression: 'one-field.throughput > 1.2 * whole-object.throughput',
    left: { variant: 'one-field', load: null, metric: 'throughput' },
    over: null,
    comparison: '>',
    right: { variant: 'whole-object', load: null, metric: 'throughput' },
    verdict: 'holds',
    observed: 1.35,
    asked: 1.2,
    low: 1.31,
    high: 1.39,
    why: '',
    ...fields,
  })
}

export function scenario(fields: Fields<ScenarioResult> = {}): ScenarioResult {
  const whole = { id: 'whole-object', commands: ['HGETALL user:{key zipf}'], rounds: roundsAt([70_500, 71_000, 71_500]) }
  return {
    id: 'hashes/profile-read',
    claim: 'Reading one field is cheaper than fetching the whole object',
    hash: '5f'.repeat(32),
    roundsAsked: 3,
    variants: [variant(), variant(whole)],
    expectations: [expectation()],
    target: 0,
    ...fields,
  }
}

export function target(fields: Fields<Target> = {}): Target {
  return targetSchema.parse({
    address: '127.0.0.1:7001',
    origin: 'unpacked for this run',
    engine: 'redis',
    version: '7.0.15',
    topology: 'standalone',
    transport: 'tcp',
    ours: true,
    prefix: '',
    config: { maxmemory: '0', 'maxmemory-policy': 'noeviction' },
    ...fields,
  })
}

export function environment(fields: Fields<Environment> = {}): Environment {
  return environmentSchema.parse({
    cpu: 'AMD EPYC 7763',
    cores: 2,
    memoryBytes: 8 * 1024 ** 3,
    os: 'Debian GNU/Linux 12',
    kernel: '6.1.0',
    node: '20.19.4',
    container: false,
    governor: null,
    transparentHugePages: 'madvise',
    ...fields,
  })
}

export function runResult(fields: Fields<RunResult> = {}): RunResult {
  return runResultSchema.parse({
    schema: 'redline/run@1',
    tool: { name: 'redis-redline', version: '0.1.0' },
    startedAt: '2026-11-22T09:14:00.000Z',
    seconds: 72.5,
    profile: 'quick',
    seed: 1,
    interrupted: false,
    failure: null,
    environment: environment(),
    targets: [target()],
    scenarios: [scenario()],
    ...fields,
  })
}

function seriesOf(loads: readonly LoadResult[]): Round['series'] {
  const seconds = Math.ceil(Math.max(0, ...loads.map(({ durationMs }) => durationMs)) / 1000)
  const operations = Math.round(loads.reduce((sum, { achieved }) => sum + achieved, 0))
  return Array.from({ length: seconds }, (_, i) => ({ second: i + 1, operations, errors: 0, p50Us: 410, p99Us: 920, maxUs: 2100 }))
}

/** What every latency carries, whatever its percentiles are: a readable histogram. */
const HDR = encodedHistogram([90_000, 410_000, 600_000, 920_000, 1_800_000, 4_200_000])

function encodedHistogram(nanoseconds: readonly number[]): string {
  const histogram = build({ lowestDiscernibleValue: 1, numberOfSignificantValueDigits: 3, bitBucketSize: 64, useWebAssembly: false })
  for (const value of nanoseconds) histogram.recordValue(value)
  return encodeIntoCompressedBase64(histogram)
}

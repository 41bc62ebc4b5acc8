import { z } from 'zod'

/*
 * The result document: the only thing that running, comparing, gating and rendering share. Numbers carry their unit in
 * their name, or in `unit` beside them. Rates are per second, CPU shares are of one core.
 */

const count = z.number().min(0)
const byName = <T extends z.ZodType>(value: T) => z.record(z.string(), value)

/** Percentiles of one distribution of times. */
export const latencySchema = z.strictObject({
  unit: z.literal('us'),
  count,
  min: z.number(),
  mean: z.number(),
  p50: z.number(),
  p90: z.number(),
  p99: z.number(),
  p999: z.number(),
  max: z.number(),
  hdr: z.string().describe('HdrHistogram, V2 compressed, base64; its values are nanoseconds'),
})

export const loadResultSchema = z.strictObject({
  name: z.string(),
  executor: z.enum(['closed', 'open', 'micro', 'study']),
  driver: z.enum(['wire', 'ioredis']),
  connections: count,
  pipeline: count,
  threads: count,
  durationMs: z.number().describe('measured time'),
  operations: count.describe('completed in the measured time, errors included'),
  offered: z.number().nullable().describe('arrivals per second that were asked for; null when the loop is closed'),
  achieved: z.number().describe('completed operations per second'),
  delayed: count.describe('arrivals that were due while every connection was taken; their latency counts from when they were due'),
  unsent: count.describe('arrivals whose time came and that could not be sent before the end'),
  unanswered: count.describe('sent, and not answered when the drain time was over'),
  errors: byName(count).describe('error replies by code (WRONGTYPE, OOM ...), and connection losses'),
  latency: latencySchema.describe('closed: from the send; open: from the intended send time'),
  service: latencySchema.describe('from the actual send'),
  lateness: latencySchema.nullable().describe('open: actual send time less the intended one'),
})

export const seriesPointSchema = z.strictObject({
  second: z.number().describe('end of the interval, in seconds since the measured part began'),
  operations: count,
  errors: count,
  p50Us: z.number(),
  p99Us: z.number(),
  maxUs: z.number(),
})

export const serverDeltaSchema = z.strictObject({
  seconds: z.number().describe('time between the two readings'),
  commands: byName(z.strictObject({ calls: count, usec: count, rejected: count, failed: count })),
  cpu: z.strictObject({
    userSeconds: z.number(),
    systemSeconds: z.number(),
    share: z.number().describe('of one core; the main thread alone where the server tells it'),
  }),
  memory: z.strictObject({
    usedBytes: z.number(),
    deltaBytes: z.number(),
    rssBytes: z.number(),
    fragmentation: z.number(),
    maxBytes: z.number(),
  }),
  keyspace: z.strictObject({ hits: count, misses: count, keys: count }),
  runQueueShare: z
    .number()
    .nullable()
    .describe('time per second its main thread was ready and had no core; null unless redline started it here'),
  evicted: count,
  expired: count,
  forks: count,
  network: z.strictObject({ inBytes: count, outBytes: count }),
})

export const generatorSchema = z.strictObject({
  threads: z.array(
    z.strictObject({
      cpuShare: z.number().nullable().describe('CPU time of the thread per second'),
      runQueueShare: z.number().nullable().describe('time the thread was ready and had no core, per second'),
      loopUtilization: z.number().describe('share of the time the event loop was not idle'),
      loopDelayP99Ms: z.number(),
      loopDelayMaxMs: z.number(),
    }),
  ),
  cpuPerOperationUs: z.number().nullable(),
  lateP99Us: z
    .number()
    .nullable()
    .describe('open: how late the generator sent what was due and had a free connection; null when every loop is closed'),
  lateMaxUs: z.number().nullable(),
  stealShare: z.number().nullable().describe('time the hypervisor took from this machine, of all its cores'),
})

export const validitySchema = z.strictObject({
  verdict: z.enum(['valid', 'suspect', 'invalid']),
  limiter: z.enum(['server', 'generator', 'offered rate', 'network', 'unknown']),
  reasons: z.array(z.strictObject({ code: z.string(), severity: z.enum(['note', 'suspect', 'invalid']), message: z.string() })),
})

export const roundSchema = z.strictObject({
  startedAt: z.iso.datetime(),
  loads: z.array(loadResultSchema),
  series: z.array(seriesPointSchema),
  server: serverDeltaSchema,
  generator: generatorSchema,
  network: z
    .strictObject({ delayMs: z.number(), holdP50Ms: z.number(), holdP99Ms: z.number() })
    .nullable()
    .describe('the delaying relay: what was asked for, and what it measured of itself'),
  validity: validitySchema,
  measures: byName(z.number()).describe('what its workload measured beside times and rates, by the name of the metric'),
  remarks: z.array(z.string()).describe('what its workload says of what it saw'),
  faults: z
    .array(z.strictObject({ atMs: z.number(), kind: z.string(), ok: z.boolean() }))
    .describe('what was done to the server, and when'),
  checks: z.array(z.strictObject({ name: z.string(), expected: z.string(), observed: z.string(), ok: z.boolean() })),
})

export const metricSchema = z.strictObject({ median: z.number(), low: z.number(), high: z.number(), unit: z.string() })

export const variantSchema = z.strictObject({
  id: z.string(),
  variant: z.string(),
  point: byName(z.union([z.string(), z.number(), z.boolean()])),
  commands: z.array(z.string()),
  workload: z.string().nullable(),
  rounds: z.array(roundSchema),
  summary: byName(metricSchema).describe('over the rounds that are not invalid'),
  target: z.int().optional().describe("index into targets: its server's; without it that of the scenario"),
})

const metricRefSchema = z.strictObject({
  variant: z.string().describe('id of the variant'),
  load: z.string().nullable().describe("name of the load; null for the variant's first"),
  metric: z.string(),
})

export const expectationSchema = z.strictObject({
  expression: z.string(),
  left: metricRefSchema,
  over: z.string().nullable().describe("axis of the matrix over which the left metric's exponent was fitted; null without a fit"),
  comparison: z.enum(['>', '>=', '<', '<=']),
  right: metricRefSchema.nullable().describe('null when the metric is held against a constant'),
  verdict: z.enum(['holds', 'refuted', 'inconclusive']),
  observed: z.number().nullable().describe('left / right when two metrics are compared, else the metric itself'),
  asked: z.number().describe('what observed is compared with: the factor of right, or the constant'),
  low: z.number().nullable(),
  high: z.number().nullable(),
  why: z.string().describe('what made it inconclusive, or empty'),
})

export const scenarioResultSchema = z.strictObject({
  id: z.string(),
  claim: z.string(),
  hash: z.string(),
  roundsAsked: count,
  variants: z.array(variantSchema),
  expectations: z.array(expectationSchema),
})

export const targetSchema = z.strictObject({
  address: z.string().describe('without credentials'),
  origin: z.string().describe('how redline came by it: "given", or what it started'),
  engine: z.enum(['redis', 'valkey']),
  version: z.string(),
  topology: z.enum(['standalone', 'cluster', 'sentinel']),
  transport: z.enum(['tcp', 'tls', 'unix']),
  ours: z.boolean().describe('started by redline for this run'),
  prefix: z.string().describe('before every key of the run; empty on a server of ours'),
  config: byName(z.string()),
})

export const inapplicableSchema = z.strictObject({
  scenario: z.string(),
  engine: z.string().describe('engine and version: redis 6.0.16'),
  reason: z.string(),
})

export const environmentSchema = z.strictObject({
  cpu: z.string(),
  cores: count,
  memoryBytes: count,
  os: z.string(),
  kernel: z.string(),
  node: z.string(),
  container: z.boolean(),
  governor: z.string().nullable(),
  transparentHugePages: z.string().nullable(),
})

export const runResultSchema = z
  .strictObject({
    schema: z.literal('redline/run@1'),
    tool: z.strictObject({ name: z.literal('redis-redline'), version: z.string() }),
    startedAt: z.iso.datetime(),
    seconds: z.number(),
    profile: z.string().describe('full, quick or ad hoc'),
    seed: z.number(),
    interrupted: z.boolean().describe('ended by the user'),
    failure: z.string().nullable().describe('what ended the run before its time; null when it is complete or interrupted'),
    environment: environmentSchema,
    targets: z.array(targetSchema).min(1).describe('one, unless scenarios asked for servers of their own configuration'),
    scenarios: z.array(scenarioResultSchema.extend({ target: z.int().describe("index into targets: the first variant's") })),
    inapplicable: z
      .array(inapplicableSchema)
      .optional()
      .describe('scenarios whose configuration an engine does not know; others were run on it'),
  })
  .describe('What `redline run` measured')

export type Latency = z.infer<typeof latencySchema>
export type LoadResult = z.infer<typeof loadResultSchema>
export type SeriesPoint = z.infer<typeof seriesPointSchema>
export type ServerDelta = z.infer<typeof serverDeltaSchema>
export type GeneratorHealth = z.infer<typeof generatorSchema>
export type Validity = z.infer<typeof validitySchema>
export type ValidityReason = Validity['reasons'][number]
export type Round = z.infer<typeof roundSchema>
export type Metric = z.infer<typeof metricSchema>
export type VariantResult = z.infer<typeof variantSchema>
export type ExpectationResult = z.infer<typeof expectationSchema>
export type ScenarioResult = z.infer<typeof runResultSchema>['scenarios'][number]
export type Target = z.infer<typeof targetSchema>
export type Inapplicable = z.infer<typeof inapplicableSchema>
export type Environment = z.infer<typeof environmentSchema>
export type RunResult = z.infer<typeof runResultSchema>

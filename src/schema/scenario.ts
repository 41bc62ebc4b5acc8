import { z } from 'zod'
import { InputError, messageOf } from '../core/errors.js'
import { parseCommandLine, parseTemplate, TemplateError } from '../core/template.js'
import type { Part } from '../core/template.js'
import { parseDuration } from '../core/units.js'
import { varsIn } from '../core/vars.js'

/*
 * The scenario file as a person writes it. `config/` loads it, fills in defaults and resolves it into the plans below,
 * which are all that `load/` sees.
 */

const duration = (range: { leastMs?: number; most: string }) =>
  z
    .string({ error: (issue) => `${JSON.stringify(issue.input)} is not a duration; write 10s, 500ms or 2m` })
    .superRefine(refuseBad((text) => parseDurationWithin(text, range)))
    .meta({ description: 'a duration: 10s, 500ms, 2m', pattern: String.raw`^\d+(\.\d+)?(us|ms|s|m|h|d)$` })
const scalar = z.union([z.string(), z.number(), z.boolean()])
const identifier = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, { error: 'use lower-case letters, digits and dashes' })

const commandLine = z
  .string()
  .min(1, { abort: true })
  .superRefine(refuseBad((line) => parseUnlessVaried(line)))
/** A command line as redis-cli takes it, with placeholders; or one with a weight, when commands are drawn at random. */
const command = z.union([
  commandLine,
  z.strictObject({ run: commandLine, weight: z.number().positive().describe('share of requests, relative to the other commands') }),
])

const template = z.string().superRefine(refuseBad((text) => parseTemplate(text, 'dataset')))
const value = z.union([template, z.number(), z.boolean()])
const score = z.union([z.string().superRefine(refuseBad(parseScore)), z.number()])

export const loadFields = {
  executor: z
    .enum(['closed', 'open', 'micro'])
    .describe(
      "closed: connections x pipeline requests always under way; open: requests arrive at a rate, whatever the server does; micro: a workload's own work on the client, without a server",
    ),
  driver: z.enum(['wire', 'ioredis']).describe("wire: redline's own, for saturation; ioredis: what a Node application sees"),
  connections: z.int().min(1).max(10_000),
  pipeline: z.int().min(1).max(10_000).describe('requests that one connection has under way at once'),
  threads: z.int().min(1).max(64).describe('generator threads the connections are shared out to, at most one for each connection'),
  duration: duration({ leastMs: 1, most: '7d' }).describe('measured time of one round, after the warm-up'),
  count: z.int().min(1).describe('requests of one round, instead of a duration'),
  warmup: duration({ most: '7d' }).describe('time before the measured part; its requests are not recorded'),
  rate: z.number().positive().max(1e9).describe('arrivals per second of the open executor'),
  arrival: z.enum(['constant', 'poisson']).describe('spacing of arrivals of the open executor'),
  keys: z.int().min(1).max(4_000_000_000).describe('how many keys {key} runs over; by default the count of the first dataset entry'),
  members: z
    .int()
    .min(1)
    .max(4_000_000_000)
    .describe('how many elements {member} runs over; by default the size of the first dataset entry'),
  protocol: z.union([z.literal(2), z.literal(3)]).describe('RESP version'),
}

const work = {
  commands: z.array(command).min(1).describe('sent in turn by each connection, or drawn by weight'),
  workload: identifier.describe('a multi-step pattern, instead of commands; `redline list workloads` names them'),
  params: z.record(z.string(), scalar).describe('parameters of the workload'),
}

const loadShape = z.strictObject(loadFields).partial()
/** A load as one layer of a scenario gives it: any of the fields, and what to send. */
export const namedLoadSchema = z.strictObject({ ...loadFields, ...work }).partial()
const network = z.strictObject({
  delay: duration({ most: '1m' }).describe('round trip added between generator and server'),
})

const serverWishes = z.strictObject({ config: z.record(z.string(), scalar).describe('redis.conf directives') })

export const FAULT_KINDS = ['pause', 'kill', 'restart', 'cut'] as const

const fault = z.strictObject({
  at: duration({ most: '7d' }).describe('since the measured part of the round began'),
  do: z
    .enum(FAULT_KINDS)
    .describe('pause: SIGSTOP; kill: SIGKILL; restart: a killed server, or one that is killed for it, starts again; cut: all connections'),
  for: duration({ leastMs: 1, most: '7d' })
    .describe('how long a pause lasts, or a killed server stays away; without it to the end of the round')
    .optional(),
})

export const DATA_TYPES = ['string', 'hash', 'list', 'set', 'zset', 'stream'] as const
export type DataType = (typeof DATA_TYPES)[number]

const datasetEntry = z.strictObject({
  key: z
    .string()
    .min(1, { abort: true })
    .superRefine(refuseBad((text) => parseTemplate(text, 'dataset')))
    .describe('key name; {i} runs over count'),
  count: z.int().min(1).max(4_000_000_000).default(1),
  size: z.int().min(1).max(4_000_000_000).describe('elements per key; {j} runs over it').optional(),
  ttl: duration({ leastMs: 1, most: '3650d' }).optional(),
  string: template.optional(),
  hash: z.record(template, value).describe('field: value').optional(),
  list: template.optional(),
  set: template.optional(),
  zset: z.record(template, score).describe('member: score').optional(),
  stream: z.record(template, value).describe('field: value').optional(),
})

const overridable = {
  load: loadShape.optional(),
  loads: z.record(identifier, namedLoadSchema).describe('several named loads at once, instead of load and commands').optional(),
  network: network.optional(),
  commands: work.commands.optional(),
  workload: work.workload.optional(),
  params: work.params.optional(),
  vars: z
    .record(identifier, scalar.superRefine(refuseNested))
    .describe('what {$name} stands for in commands and in the params of workloads')
    .optional(),
  server: serverWishes.describe('what the server needs; only on servers that redline starts, one for each configuration').optional(),
}

export const faultsSchema = z.array(fault).describe('what happens to the server while it is measured; only to servers that redline starts')

/** What a point of the matrix may change. */
export const overridableSchema = z.strictObject(overridable)

const variantSchema = z.strictObject({ ...overridable, faults: faultsSchema.optional() })
const matrix = z.record(z.string(), z.array(scalar).min(1))
const rounds = z.int().min(1).max(1000)
const expectations = z.array(z.string().min(1))

const quick = z.strictObject({
  rounds: rounds.optional(),
  load: loadShape.optional(),
  loads: z.record(identifier, z.strictObject({ ...loadFields, params: work.params }).partial()).optional(),
  params: work.params.optional(),
  vars: overridable.vars,
  matrix: matrix.describe('axes of the matrix, with the values that are left of them').optional(),
  expect: expectations.describe('instead of what is expected of the whole matrix').optional(),
})

export const scenarioFileSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9-]+(\/[a-z0-9-]+)*$/, { error: 'use lower-case letters, digits, dashes and slashes' }),
    claim: z.string().min(1).describe('what the field says, in one sentence that a run can hold against the server'),
    article: z.string().min(1).describe('the sentence that it puts to the test, in other words').optional(),
    about: z.string().describe('where the claim comes from, and what to make of the answer').optional(),
    dataset: z.array(datasetEntry).default([]),
    reload: z.enum(['once', 'round']).default('once').describe('write the dataset once, or anew before each round'),
    variants: z.record(identifier, variantSchema).refine((all) => Object.keys(all).length > 0, { error: 'name at least one variant' }),
    matrix: matrix
      .describe(
        'a field by its path (load.pipeline, network.delay, vars.size, server.config.maxmemory-policy) and the values it takes; every variant runs at every point',
      )
      .default({}),
    ...overridable,
    faults: faultsSchema.optional(),
    rounds: rounds.default(5).describe('rounds of each variant, interleaved'),
    expect: expectations
      .default([])
      .describe('for example: one-field.throughput > 1.2 * whole-object.throughput, or exponent(push.server_cpu_us over length) < 0.1'),
    quick: quick.describe('what --quick changes, beyond its shorter rounds').optional(),
  })
  .describe('A redline scenario: one experiment, its claim and what is expected of it')

export type ScenarioFile = z.infer<typeof scenarioFileSchema>
export type DatasetEntry = z.infer<typeof datasetEntry>

function parseDurationWithin(text: string, range: { leastMs?: number; most: string }): void {
  const ms = parseDuration(text)
  if (ms < (range.leastMs ?? 0)) throw new InputError(`${text} is too short; write 1ms or more`)
  if (ms > parseDuration(range.most)) throw new InputError(`${text} is too long; write ${range.most} or less`)
}

/** A command that names vars is whole only when they are replaced; then it is read. */
function parseUnlessVaried(line: string): void {
  if (varsIn(line).length === 0) parseCommandLine(line, 'command')
}

function refuseNested(value: string | number | boolean, context: z.RefinementCtx): void {
  if (varsIn(String(value)).length > 0) context.addIssue({ code: 'custom', message: 'a var stands for itself and names no other' })
}

type Refinement = (text: string, context: z.RefinementCtx) => void

/** Makes a template's mistake an issue whose `params.offset` says how far into the text it is. */
function refuseBad(parse: (text: string) => unknown): Refinement {
  return (text, context) => {
    try {
      parse(text)
    } catch (error) {
      context.addIssue({ code: 'custom', message: messageOf(error), params: { offset: error instanceof TemplateError ? error.offset : 0 } })
    }
  }
}

const NUMERIC_PARTS: ReadonlySet<Part['kind']> = new Set(['literal', 'index', 'int', 'oneof', 'seq'])

function parseScore(text: string): void {
  const parts = parseTemplate(text, 'dataset')
  const literal = parts.every((part) => part.kind === 'literal')
  if (literal ? !/^[-+]?(\d+(\.\d*)?(e[-+]?\d+)?|inf)$/i.test(text) : parts.some((part) => !NUMERIC_PARTS.has(part.kind))) {
    throw new TemplateError('a score is a number: 42 or {int 0..1000}', 0)
  }
}

/** One command of a load; weight is undefined when the commands are sent in turn. */
export interface CommandSpec {
  line: string
  weight: number | undefined
}

/** One generator of requests, with nothing left to default. */
export interface LoadPlan {
  name: string
  /** micro: the client's own work of a workload, without any server. */
  executor: 'closed' | 'open' | 'micro'
  driver: 'wire' | 'ioredis'
  /** Exactly one of `commands` and `workload` is set. Whether the workload is a study, only the registry of workloads knows. */
  commands: CommandSpec[] | undefined
  workload: { id: string; params: Record<string, string | number | boolean> } | undefined
  connections: number
  pipeline: number
  threads: number
  /** Exactly one of `durationMs` and `count` is set. */
  durationMs: number | undefined
  count: number | undefined
  warmupMs: number
  /** Arrivals per second; set exactly when the executor is open. */
  rate: number | undefined
  arrival: 'constant' | 'poisson'
  /** How many keys `{key}` runs over. */
  keys: number
  /** How many elements `{member}` runs over. */
  members: number
  protocol: 2 | 3
}

/** One side of the comparison at one point of the matrix. */
export interface VariantPlan {
  /** `whole-object`, or with a matrix `get[pipeline=16,delay=1ms]`. */
  id: string
  /** The variant's own name, without its point. */
  variant: string
  /** Value at this point of each matrix axis, by the axis's short name (`pipeline`). */
  point: Record<string, string | number | boolean>
  loads: LoadPlan[]
  /** Round trip added between generator and server, in milliseconds. */
  delayMs: number
  /** redis.conf directives of the server that it runs on; variants with the same ones share a server. */
  server: { config: Record<string, string> }
  /** What is done to the server while it is measured, in the order of their times. */
  faults: FaultPlan[]
}

/** What happens to a server that redline started, `atMs` into the measured part. */
export interface FaultPlan {
  atMs: number
  /**
   * pause: SIGSTOP, and SIGCONT after `forMs`. kill: SIGKILL, and a start with what was persisted after `forMs`. restart: a kill
   * without a pause before the start. cut: every connection but ours is closed by the server.
   */
  kind: 'pause' | 'kill' | 'restart' | 'cut'
  /** How long a pause lasts, and a killed server stays away; without it until the end of the round. */
  forMs?: number
}

export type Comparison = '>' | '>=' | '<' | '<='

/** What a measured metric, or a fit, is held against: `factor * other`, or the constant `factor` when there is no other. */
export interface ExpectationPlan {
  expression: string
  left: MetricRef | ExponentFit
  comparison: Comparison
  factor: number
  right: MetricRef | undefined
}

export interface MetricRef {
  /** Id of a variant, matrix point included. */
  variant: string
  /** Name of a load, or undefined for the variant's first. */
  load: string | undefined
  metric: string
}

/** The exponent b of metric = a * x^b over the points of a matrix axis; it is held against a constant. */
export interface ExponentFit {
  kind: 'exponent'
  /** Short name of the axis. */
  axis: string
  /** At least two, with different x > 0: the same variant, load and metric at each value of the axis. */
  points: { x: number; ref: MetricRef }[]
}

/** A scenario with every default filled in, every override applied and every name checked. */
export interface ScenarioPlan {
  id: string
  claim: string
  about: string | undefined
  /** The sentence that it puts to the test, in other words. */
  article: string | undefined
  /** SHA-256 (hex) of everything that shapes the measurement; equal hashes may be compared. */
  hash: string
  dataset: DatasetEntry[]
  reload: 'once' | 'round'
  variants: VariantPlan[]
  rounds: number
  expectations: ExpectationPlan[]
}

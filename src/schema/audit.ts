import { z } from 'zod'

/*
 * The result document of an audit. Names of keys, patterns, users and the like are bytes on the server and text here: as
 * `safeText` writes them, so that no reader of a document can be hurt by them. Sizes are bytes, times are seconds.
 */

const count = z.number().min(0)
const byName = <T extends z.ZodType>(value: T) => z.record(z.string(), value)

export const SEVERITIES = ['error', 'warning', 'note'] as const
export const severitySchema = z.enum(SEVERITIES)

/** A number that was counted (low = value = high), or estimated from a sample (the 95% interval). */
export const estimateSchema = z.strictObject({ value: z.number(), low: z.number(), high: z.number() })

export const tallySchema = z.strictObject({ keys: count, bytes: count })

export const distributionSchema = z
  .strictObject({
    unit: z.enum(['bytes', 'seconds', 'elements']),
    keys: count,
    min: z.number(),
    p50: z.number(),
    p90: z.number(),
    p99: z.number(),
    max: z.number(),
    buckets: z
      .array(z.tuple([z.number(), count]))
      .describe('upper bound of each bucket that holds any, and keys in it, in ascending order'),
  })
  .describe('counted in buckets of HdrHistogram, two significant digits')

export const findingSchema = z.strictObject({
  rule: z.string(),
  severity: severitySchema,
  about: z.string().describe('the pattern or object it is about; the same in every audit'),
  message: z.string().describe('the evidence as a sentence, in units for people'),
  evidence: byName(z.union([z.number(), z.string(), z.boolean()])).describe('the numbers behind it; bytes, seconds, shares from 0 to 1'),
  remedy: z.string().describe('what to do, in the imperative'),
  commands: z.array(z.string()).describe('lines to copy'),
  examples: z.array(z.string()).describe('names of keys, hashed when the audit was redacted'),
  nodes: z.array(z.string()).describe('servers on which it holds; empty when it is about the whole'),
  at: z.strictObject({ file: z.string(), line: z.int(), column: z.int() }).nullable().describe('in an audit of files'),
  fingerprint: z.string().describe('the same finding in another audit has the same'),
})

export const patternSchema = z.strictObject({
  pattern: z.string(),
  declared: z.boolean().describe('a pattern of a keyspace contract'),
  looksLike: z.string().nullable().describe('lock, token, session, cache, queue ...; from its name, or from the contract'),
  owner: z.string().nullable(),
  keys: estimateSchema,
  bytes: estimateSchema,
  persistent: z.strictObject({ keys: estimateSchema, bytes: estimateSchema }).describe('without a time to live'),
  types: byName(tallySchema),
  encodings: byName(tallySchema),
  nameBytes: count,
  ttl: distributionSchema.nullable().describe('of the keys that have one'),
  size: distributionSchema,
  idle: distributionSchema.nullable(),
  elements: distributionSchema.nullable(),
})

export const topKeySchema = z.strictObject({
  key: z.string(),
  pattern: z.string(),
  db: count,
  type: z.string(),
  encoding: z.string(),
  bytes: count,
  elements: count.nullable(),
  idleSeconds: count.nullable(),
  ttlSeconds: z.number().nullable().describe('null: it never expires'),
})

export const nodeSchema = z.strictObject({
  address: z.string(),
  role: z.enum(['master', 'replica', 'sentinel']),
  engine: z.enum(['redis', 'valkey']),
  version: z.string(),
  keys: count,
  usedMemoryBytes: count,
  maxmemoryBytes: count,
  maxmemoryPolicy: z.string(),
  scanned: z.boolean().describe('its keys were read'),
  lagSeconds: z.number().nullable().describe('how far a replica was behind'),
  counters: z
    .strictObject({
      runId: z.string(),
      fields: byName(z.number()),
      commands: byName(z.strictObject({ calls: count, usec: count, rejected: count, failed: count })),
    })
    .describe('INFO after the audit: what the next audit counts from'),
})

export const costSchema = z.strictObject({
  seconds: count,
  commands: count.describe('all that the audit sent to all servers: logging in, questions about servers, keys, streams, and its probe'),
  bytesSent: count.describe('in these commands; what TLS adds is not counted'),
  bytesReceived: count.describe('in their replies'),
  serverCpuSeconds: z.number().nullable().describe('of all servers while their keys were read, above what they used just before'),
  serverCpuShare: z.number().nullable().describe('of one core, over the time of the scan'),
  latency: z
    .strictObject({
      probes: count,
      p99BeforeMs: z.number().describe('of a PING beside the audit'),
      p99DuringMs: z.number(),
      addedP99Ms: z.number(),
    })
    .nullable(),
  budget: z.strictObject({ addedP99Ms: z.number(), cpuShare: z.number() }).nullable().describe('the limits that were set; null: none'),
  pausedSeconds: count.describe('time that the scan waited to stay within its budget'),
  backOffs: count.describe('how often it slowed down'),
})

export const coverageSchema = z.strictObject({
  mode: z.enum(['full', 'sample', 'none']),
  complete: z.boolean().describe('all that was to be read has been read'),
  keysThere: count.describe('DBSIZE of the databases that were read'),
  keysSeen: count,
  vanished: count.describe('keys that were gone when their facts were asked for'),
  databases: z.array(z.int()),
  lengths: z.enum(['all', 'none', 'some']).describe('collections whose number of elements was read'),
  notes: z.array(z.string()),
})

const findingNameSchema = z.strictObject({ rule: z.string(), about: z.string() })

export const sinceSchema = z
  .strictObject({
    startedAt: z.iso.datetime().describe('of the audit that this one is compared with'),
    keys: estimateSchema.describe('growth'),
    bytes: estimateSchema.describe('growth'),
    patterns: z
      .array(
        z.strictObject({
          pattern: z.string(),
          change: z.enum(['new', 'gone', 'grown', 'shrunk']),
          keys: estimateSchema.describe('growth'),
          bytes: estimateSchema.describe('growth'),
        }),
      )
      .describe('those that changed by more than chance explains, most bytes first'),
    fixed: z.array(findingNameSchema).describe('no longer there, though their rule was assessed'),
    added: z.array(findingNameSchema),
    remarks: z.array(z.string()).describe('in what the two audits differ'),
  })
  .describe('what changed since an earlier audit')

export const gateSchema = z
  .strictObject({
    failOn: severitySchema.describe('the least severe finding that fails the audit'),
    exitCode: z
      .int()
      .describe(
        '0 fine; 1 findings, or entries of the baseline that are no longer so; 2 ended early; 3 too little was seen; 130 interrupted',
      ),
    reasons: z.array(z.string()).describe('why it is not 0'),
    remarks: z.array(z.string()).describe('suppressions that expired or matched nothing, known findings that became worse'),
    baseline: z
      .strictObject({
        file: z.string(),
        stale: z
          .array(z.strictObject({ fingerprint: z.string(), rule: z.string(), about: z.string() }))
          .describe('entries that are no longer so'),
        written: z.enum(['pruned', 'updated']).nullable().describe('what was done to the file'),
      })
      .nullable(),
  })
  .describe('what the policy makes of the findings')

export const auditResultSchema = z
  .strictObject({
    schema: z.literal('redline/audit@1'),
    tool: z.strictObject({ name: z.literal('redis-redline'), version: z.string() }),
    startedAt: z.iso.datetime(),
    source: z.enum(['server', 'files']),
    interrupted: z.boolean(),
    failure: z.string().nullable().describe('why it ended early'),
    redacted: z.boolean(),
    target: z.strictObject({
      name: z.string().describe('the address, without credentials, or the names of the files'),
      topology: z.enum(['standalone', 'cluster', 'sentinel', 'files']),
      nodes: z.array(nodeSchema),
    }),
    coverage: coverageSchema,
    totals: z.strictObject({
      keys: estimateSchema,
      bytes: estimateSchema.describe('sum of MEMORY USAGE'),
      types: byName(tallySchema),
      encodings: byName(tallySchema),
    }),
    patterns: z.array(patternSchema),
    top: z.strictObject({ bytes: z.array(topKeySchema), elements: z.array(topKeySchema), idle: z.array(topKeySchema) }),
    hashTags: z.array(z.strictObject({ tag: z.string(), keys: count, bytes: count })),
    findings: z.array(findingSchema),
    suppressed: z.array(z.strictObject({ finding: findingSchema, reason: z.string(), until: z.string().nullable() })),
    known: z.array(findingSchema).describe('in the baseline'),
    rules: z.strictObject({
      passed: z.array(z.string()),
      failed: z.array(z.string()),
      notAssessed: z.array(z.strictObject({ rule: z.string(), why: z.string() })),
      notApplicable: z.array(z.strictObject({ rule: z.string(), why: z.string() })),
      off: z.array(z.string()),
    }),
    since: sinceSchema.nullable(),
    gate: gateSchema,
    cost: costSchema,
  })
  .describe('What `redline audit` found')

export type Severity = z.infer<typeof severitySchema>
export type Estimate = z.infer<typeof estimateSchema>
export type Tally = z.infer<typeof tallySchema>
export type DistributionResult = z.infer<typeof distributionSchema>
export type Finding = z.infer<typeof findingSchema>
export type PatternResult = z.infer<typeof patternSchema>
export type TopKey = z.infer<typeof topKeySchema>
export type NodeResult = z.infer<typeof nodeSchema>
export type Cost = z.infer<typeof costSchema>
export type Coverage = z.infer<typeof coverageSchema>
export type SinceResult = z.infer<typeof sinceSchema>
export type GateResult = z.infer<typeof gateSchema>
export type AuditResult = z.infer<typeof auditResultSchema>

import type { ProgressEvent } from '../../core/events.js'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { InputError } from '../../core/errors.js'
import { quote } from '../../core/text.js'
import { parseCount, parseDuration } from '../../core/units.js'
import { type Audited, runAudit } from '../../audit/audit.js'
import { DEFAULT_BUDGET, parseMaxImpact } from '../../audit/budget/budget.js'
import { type Checkpoint, parseCheckpoint } from '../../audit/checkpoint.js'
import type { AuditOptions } from '../../audit/options.js'
import type { AuditResult } from '../../schema/audit.js'
import { parseAddress } from '../../wire/address.js'
import type { AuditCliOptions } from '../options.js'
import { Progress } from '../progress.js'
import { readResultText } from '../result-text.js'
import type { World } from '../world.js'
import type { Judgement } from './audit-policy.js'

/** Audits one server and what belongs to it. Throws RedlineError. */
export async function auditServer(target: string, judgement: Judgement, options: AuditCliOptions, world: World): Promise<Audited> {
  const progress = new Progress(world)
  try {
    return await runAudit(await auditOptions(target, judgement, options, world, progress.onEvent))
  } finally {
    progress.stop()
  }
}

async function auditOptions(
  target: string,
  { policy, file }: Judgement,
  options: AuditCliOptions,
  world: World,
  onProgress: (event: ProgressEvent) => void,
): Promise<AuditOptions> {
  const { sample, db, replica, seed, maxOps, maxTime, allow, resume, redact, master } = options
  if (sample !== undefined && resume !== undefined)
    throw new InputError('a sample can not be resumed', { hint: 'draw it again; the same --seed draws the same places' })
  const maxImpact = options.maxImpact ?? file?.max_impact
  const address = parseAddress(target, world.env)
  return {
    address,
    policy,
    databases: db,
    sample: sample === undefined ? undefined : positive(parseCount(sample), '--sample'),
    seed: seed ?? 1,
    budget: maxImpact === undefined ? DEFAULT_BUDGET : parseMaxImpact(maxImpact),
    limits: {
      ...(maxOps === undefined ? {} : { opsPerSecond: positive(parseCount(maxOps), '--max-ops') }),
      ...(maxTime === undefined ? {} : { timeMs: positive(parseDuration(maxTime), '--max-time') }),
    },
    preferReplica: replica,
    mayTouch: allow?.includes('touch') ?? false,
    master,
    expectedRole: roleOf(options.expectRole),
    redact: redact ?? false,
    since: options.since === undefined ? undefined : await earlierAudit(options.since, world),
    resume: resume === undefined ? undefined : await checkpointIn(resume, world),
    version: world.version,
    signal: world.signal,
    timeoutMs: positive(parseDuration(options.timeout), '--timeout'),
    onProgress,
  }
}

function positive(value: number, option: string): number {
  if (value <= 0) throw new InputError(`${option} must be more than nothing`)
  return value
}

function roleOf(text: string | undefined): 'master' | 'replica' | undefined {
  if (text === undefined || text === 'master' || text === 'replica') return text
  if (text === 'primary') return 'master'
  if (text === 'slave') return 'replica'
  throw new InputError(`--expect-role ${quote(text)} is no role`, { hint: 'there are master and replica' })
}

async function earlierAudit(path: string, world: World): Promise<AuditResult> {
  const text = await readResultText(path, world.cwd)
  return (await import('../../schema/read-audit.js')).parseAuditResult(text, path)
}

async function checkpointIn(folder: string, world: World): Promise<Checkpoint> {
  const path = join(resolve(world.cwd, folder), 'checkpoint.json')
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new InputError(`there is nothing to go on from in ${quote(folder)}`, {
      hint: 'name the folder of an audit that ended early: it holds a checkpoint.json',
      cause: error,
    })
  })
  return parseCheckpoint(text, join(folder, 'checkpoint.json'))
}

import { InputError } from '../core/errors.js'
import { didYouMean, quote } from '../core/text.js'
import { recordOf } from '../gate/record.js'
import type { AuditResult } from '../schema/audit.js'
import { METRICS, type MetricName } from '../schema/metrics.js'
import { parseAuditResult } from '../schema/read-audit.js'
import { parseRunResult } from '../schema/read-result.js'
import type { RunResult } from '../schema/result.js'
import type { RunRecord } from '../schema/run-record.js'
import { readResultText } from './result-text.js'
import type { World } from './world.js'

/** A saved result with its file as the user knows it. */
export type NamedResult = { name: string } & ({ kind: 'run'; result: RunResult } | { kind: 'audit'; result: AuditResult })

/** Reads a saved result of a run or an audit. Throws InputError. */
export async function readResult(path: string, world: World): Promise<NamedResult> {
  const text = await readResultText(path, world.cwd)
  if (saysAudit(text)) return { name: path, kind: 'audit', result: parseAuditResult(text, path) }
  return { name: path, kind: 'run', result: parseRunResult(text, path) }
}

/** What is no JSON is left to the reader of runs to refuse. */
function saysAudit(text: string): boolean {
  return /^\s*\{\s*"schema":\s*"redline\/audit@/.test(text)
}

/** Results of runs as records, with the label of whoever made them. Throws InputError for another kind, or a run that ended early. */
export async function readRecords(paths: readonly string[], label: string | undefined, world: World): Promise<RunRecord[]> {
  const results = await Promise.all(paths.map((path) => readResult(path, world)))
  return results.map(({ name, kind, result }) => {
    if (kind !== 'run')
      throw new InputError(`${quote(name)} is an audit, and not a run`, {
        hint: 'audits have a baseline of their own: redline audit --baseline',
      })
    if (result.failure !== null || result.interrupted)
      throw new InputError(`${quote(name)} is of a run that ended early`, { hint: 'run it again: half a run is no measure for others' })
    return recordOf(result, label ?? labelFrom(world.env))
  })
}

/** The commit that a CI system says it works on. */
function labelFrom(env: NodeJS.ProcessEnv): string | undefined {
  const commit = env['GITHUB_SHA'] || env['CI_COMMIT_SHA']
  return commit ? commit.slice(0, 12) : undefined
}

/** Metrics that were named. Throws InputError for one that there is none of. */
export function metricsNamed(names: readonly string[]): MetricName[] {
  return names.map((name) => {
    const known = Object.keys(METRICS).find((metric): metric is MetricName => metric === name)
    if (known === undefined)
      throw new InputError(`there is no metric ${quote(name)}${didYouMean(name, Object.keys(METRICS))}`, {
        hint: 'redline list metrics names them',
      })
    return known
  })
}

/** `5%` or `0.05` as a share below `most`. Throws InputError on anything else. */
export function shareNamed(text: string, option: string, most: number): number {
  const [, number, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim()) ?? []
  const share = Number(number) / (percent === '%' ? 100 : 1)
  if (!(share < most)) throw new InputError(`${option} ${quote(text)} is no share below ${most * 100}%; write 5% or 0.05`)
  return share
}

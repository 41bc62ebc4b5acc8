import { type ExitCode, InputError } from '../../core/errors.js'
import { quote } from '../../core/text.js'
import { loadRules } from '../../audit/rules/registry.js'
import { compareAudits, exitCodeOfComparedAudits } from '../../gate/compare-audits.js'
import { COMPARED_METRICS, compareRuns, type CompareOptions, exitCodeOfComparison } from '../../gate/compare-runs.js'
import { recordOf } from '../../gate/record.js'
import { differenceText } from '../../report/compare/terminal.js'
import type { CompareResult, Difference } from '../../schema/compare.js'
import type { CompareCliOptions } from '../options.js'
import { chooseOutputs, showSaved } from '../outputs.js'
import { metricsNamed, type NamedResult, readResult, shareNamed } from '../results.js'
import type { World } from '../world.js'

/** `redline compare`: two saved results, metric by metric or finding by finding. Throws InputError. */
export async function compareCommand(basePath: string, headPath: string, options: CompareCliOptions, world: World): Promise<ExitCode> {
  const outputs = await chooseOutputs(options, 'compare')
  const [base, head] = [await readResult(basePath, world), await readResult(headPath, world)]
  const { result, exitCode } = await compare(base, head, comparisonOptions(options, world))
  const unlike = result.differences.filter((difference) => difference.unlike)
  if (unlike.length > 0 && !options.allowDifferent) throw refusal(unlike)
  await showSaved({ kind: 'compare', document: result }, outputs, world)
  return exitCode
}

/** What `--limit`, `--drift` and `--metric` say. Throws InputError. */
export function comparisonOptions(
  { limit, drift, metric }: Pick<CompareCliOptions, 'limit' | 'drift' | 'metric'>,
  world: World,
): Omit<CompareOptions, 'design'> {
  return {
    limit: shareNamed(limit, '--limit', 10),
    drift: shareNamed(drift, '--drift', 1),
    metrics: metric === undefined ? COMPARED_METRICS : metricsNamed(metric),
    version: world.version,
  }
}

type Options = Omit<CompareOptions, 'design'>

async function compare(base: NamedResult, head: NamedResult, options: Options): Promise<{ result: CompareResult; exitCode: ExitCode }> {
  if (base.kind === 'run' && head.kind === 'run') {
    const [before, after] = [base, head].map(({ name, result }) => ({ name, runs: [recordOf(result)] }))
    const result = compareRuns(before!, after!, { ...options, design: 'unpaired' })
    return { result, exitCode: exitCodeOfComparison(result) }
  }
  if (base.kind === 'audit' && head.kind === 'audit') {
    const [before, after] = [base, head].map(({ name, result }) => ({ name, audit: result }))
    const result = compareAudits(before!, after!, await loadRules(), options.version)
    return { result, exitCode: exitCodeOfComparedAudits(result) }
  }
  const kinds = [base, head].map(({ name, kind }) => `${quote(name)} is ${kind === 'run' ? 'a run' : 'an audit'}`)
  throw new InputError(`${kinds.join(', ')}: they have nothing to compare`, { hint: 'name two runs, or two audits' })
}

function refusal(unlike: readonly Difference[]): InputError {
  const lines = unlike.map((difference) => `  ${differenceText(difference)}`)
  return new InputError(['these results are of unlike things', ...lines].join('\n'), {
    hint: 'to compare them all the same, add --allow-different',
  })
}

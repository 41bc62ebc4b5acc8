import { safeText } from '../core/text.js'
import { trim } from '../core/units.js'
import { formatMetric, isMetricName, METRICS } from '../schema/metrics.js'
import type { ExpectationResult, RunResult, ScenarioResult } from '../schema/result.js'
import { verdictOfClaim } from './expectations.js'
import { paint, type Style, TONES } from './style.js'
import { dividedTableLines } from './table.js'

/** `redis 7.0.15`: the engine that a scenario ran on. */
export function engineOf({ target }: Pick<ScenarioResult, 'target'>, { targets }: Pick<RunResult, 'targets'>): string {
  const { engine = 'unknown', version = '' } = targets[target] ?? {}
  return safeText(`${engine} ${version}`.trim())
}

/** The engines of a run, in the order in which they came; last those on which nothing could be measured. */
export function enginesOf(result: RunResult): string[] {
  const without = (result.inapplicable ?? []).map(({ engine }) => safeText(engine))
  return [...new Set([...result.scenarios.map((scenario) => engineOf(scenario, result)), ...without])]
}

/** Every scenario on every engine, side by side: whether its claim holds, and by how much. Nothing when there is one engine. */
export function engineLines(result: RunResult, style: Style): string[] {
  const engines = enginesOf(result)
  if (engines.length < 2) return []
  const ids = [...new Set([...result.scenarios.map(({ id }) => id), ...(result.inapplicable ?? []).map(({ scenario }) => scenario)])]
  const at = (id: string, engine: string) => result.scenarios.find((one) => one.id === id && engineOf(one, result) === engine)
  const columns = engines.map((engine) => ({
    title: engine,
    align: 'left' as const,
    cells: ids.map((id) => (isInapplicable(id, engine, result) ? 'not applicable' : cellOf(at(id, engine)))),
  }))
  const names = { title: '', align: 'left' as const, cells: ids.map(safeText) }
  return dividedTableLines(names, columns, style.width).map((line) => tinted(line, style))
}

function isInapplicable(id: string, engine: string, { inapplicable = [] }: RunResult): boolean {
  return inapplicable.some((one) => one.scenario === id && safeText(one.engine) === engine)
}

function cellOf(scenario: ScenarioResult | undefined): string {
  if (!scenario) return '-'
  const { expectations } = scenario
  if (expectations.length === 0) return 'measured'
  const verdict = verdictOfClaim(expectations)
  const deciding = expectations.find((one) => one.verdict === verdict)
  return [verdict, deciding && effectOf(deciding)].filter(Boolean).join(' ')
}

function effectOf({ observed, right, over, left }: ExpectationResult): string {
  if (observed === null) return ''
  if (right) return `${trim(observed, 3)}x`
  if (over !== null) return `^${trim(observed, 2)}`
  return formatMetric(observed, isMetricName(left.metric) ? METRICS[left.metric].unit : '')
}

function tinted(line: string, style: Style): string {
  return line.replaceAll(/(?<= )(holds|refuted|inconclusive)\b/g, (_, verdict: ExpectationResult['verdict']) =>
    paint(verdict, TONES[verdict], style),
  )
}

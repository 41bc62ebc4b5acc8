import type { Change, CheckedThreshold, GateDocument } from '../../schema/gate.js'
import { whole } from '../words.js'
import { METRIC_COLUMNS } from '../compare/csv.js'
import { type Cell, csvTable } from '../text/csv.js'

/** What stands before the columns of a metric: what was checked, what came of it, and by which file. */
const OWN = ['check', 'gate_verdict', 'result', 'expression', 'about'] as const
/** And after them, of a change in a history. */
const LAST = ['since', 'label', 'runs_since'] as const

type Row = Record<string, Cell>

const VERDICTS = { better: 'pass', same: 'pass', worse: 'fail', inconclusive: 'inconclusive' } as const

/**
 * A gate's answer as one table: a row for each threshold, each metric that was held against a baseline, each change in a history and each further reason; `check`
 * tells them apart, `gate_verdict` is what each came to.
 */
export function gateToCsv({ thresholds, baselines, changes, reasons }: GateDocument): string {
  const titles = [...OWN, ...METRIC_COLUMNS.map(([title]) => title), ...LAST]
  const rows: Row[] = [
    ...thresholds.map(thresholdRow),
    ...baselines.flatMap(({ file, comparison }) =>
      comparison.metrics.map((metric): Row => ({
        check: 'baseline',
        gate_verdict: VERDICTS[metric.verdict],
        result: whole(file),
        ...Object.fromEntries(METRIC_COLUMNS.map(([title, cell]) => [title, cell(metric)])),
      })),
    ),
    ...changes.map(changeRow),
    ...reasons.map(({ verdict, message }): Row => ({ check: 'reason', gate_verdict: verdict, why: whole(message) })),
  ]
  return csvTable(
    titles,
    rows.map((row) => titles.map((title) => row[title])),
  )
}

function thresholdRow({ expression, result, about, metric, unit, value, low, high, verdict, why }: CheckedThreshold): Row {
  return {
    check: 'threshold',
    gate_verdict: verdict,
    result: whole(result),
    expression: whole(expression),
    about: whole(about),
    metric: whole(metric),
    unit: whole(unit),
    estimate: value,
    low,
    high,
    why: whole(why),
  }
}

function changeRow(change: Change): Row {
  const { scenario, variant, load, metric, unit, better, before, after, startedAt, label, runsSince, p, verdict } = change
  return {
    check: 'history',
    gate_verdict: 'fail',
    scenario: whole(scenario),
    variant: whole(variant),
    load: load && whole(load),
    metric: whole(metric),
    unit: whole(unit),
    better_is: better,
    verdict,
    base: before,
    head: after,
    compared_by: 'ratio',
    estimate: after / before,
    p,
    since: startedAt,
    label: label && whole(label),
    runs_since: runsSince,
  }
}

import type { ComparedAudits, ComparedMetric, ComparedRuns, CompareResult } from '../../schema/compare.js'
import { whole } from '../words.js'
import { type Cell, csvTable } from '../text/csv.js'

/** A comparison as a table: of runs a row for each metric, of audits one for each finding and pattern that changed. */
export function compareToCsv(result: CompareResult): string {
  return result.kind === 'runs' ? runsTable(result) : auditsTable(result)
}

type Column = [title: string, cell: (metric: ComparedMetric) => Cell]

/** The columns of a metric, in base units as `unit` names them; ratios are head / base. */
export const METRIC_COLUMNS: readonly Column[] = [
  ['scenario', ({ scenario }) => whole(scenario)],
  ['variant', ({ variant }) => whole(variant)],
  ['load', ({ load }) => load && whole(load)],
  ['metric', ({ metric }) => whole(metric)],
  ['unit', ({ unit }) => whole(unit)],
  ['better_is', ({ better }) => better],
  ['verdict', ({ verdict }) => verdict],
  ['base', ({ base }) => base.value],
  ['base_rounds', ({ base }) => base.rounds],
  ['head', ({ head }) => head.value],
  ['head_rounds', ({ head }) => head.rounds],
  ['compared_by', ({ by }) => by],
  ['estimate', ({ estimate }) => estimate],
  ['low', ({ low }) => low],
  ['high', ({ high }) => high],
  ['limit', ({ limit }) => limit],
  ['allowance', ({ allowance }) => allowance],
  ['p', ({ p }) => p],
  ['noise', ({ noise }) => noise],
  ['more_rounds', ({ moreRounds }) => moreRounds],
  ['why', ({ why }) => whole(why)],
]

/** What one side only has is a row with the verdict `missing`: who reads a table sees no line that is not there. */
function runsTable({ metrics, missing }: ComparedRuns): string {
  const titles = METRIC_COLUMNS.map(([title]) => title)
  const absent = missing.map(({ scenario, variant, from }) => {
    const cells: Record<string, Cell> = { scenario: whole(scenario), variant: whole(variant), verdict: 'missing', why: `not in ${from}` }
    return titles.map((title) => cells[title])
  })
  return csvTable(titles, [...metrics.map((metric) => METRIC_COLUMNS.map(([, cell]) => cell(metric))), ...absent])
}

const AUDIT_TITLES = ['what', 'change', 'rule', 'about', 'keys', 'keys_low', 'keys_high', 'bytes', 'bytes_low', 'bytes_high']

/** New findings first; then those that are fixed, and the growth of patterns. */
function auditsTable({ since }: ComparedAudits): string {
  const finding = (change: string) => (one: { rule: string; about: string }) => ['finding', change, whole(one.rule), whole(one.about)]
  return csvTable(AUDIT_TITLES, [
    ...[...since.added.map(finding('new')), ...since.fixed.map(finding('fixed'))].map((cells) => [...cells, ...NO_GROWTH]),
    ...since.patterns.map(({ pattern, change, keys, bytes }) => [
      ...['pattern', change, null, whole(pattern)],
      ...[keys, bytes].flatMap(({ value, low, high }) => [value, low, high]),
    ]),
  ])
}

const NO_GROWTH: Cell[] = Array.from({ length: 6 }, () => null)

import { groupBy } from '../../core/group.js'
import type { ComparedAudits, ComparedMetric, ComparedRuns, CompareResult } from '../../schema/compare.js'
import { whole } from '../words.js'
import { junitXml, type TestCase, type TestSuite } from '../text/junit.js'
import { adviceFor } from './advice.js'
import { changeText, commandOf, fromTo, limitText } from './words.js'

/**
 * A comparison as tests: one for each metric (failed when worse, skipped with the reason when inconclusive), or for each new finding of an
 * audit. Failures are there exactly when something is worse or new: what could not be told is shown, and fails nobody's build by itself.
 */
export function compareToJunit(result: CompareResult): string {
  return junitXml(commandOf(result), result.kind === 'runs' ? ofRuns(result) : ofAudits(result))
}

function ofRuns(result: ComparedRuns): TestSuite[] {
  const { head, metrics, missing, differences, design } = result
  const properties = {
    base: whole(result.base.name),
    head: whole(head.name),
    design,
    ...Object.fromEntries(differences.map((one) => [whole(`differs: ${one.what}`), whole(`${one.base}, ${one.head}`)])),
  }
  const absent = missing.map(({ scenario, variant, from }): TestCase => ({
    group: whole(scenario),
    name: `${whole(variant)} is measured by both sides`,
    seconds: 0,
    outcome: { kind: 'skipped', type: 'missing', message: `not in ${from}` },
  }))
  const nothing: TestCase = {
    group: 'redline',
    name: 'there is something to compare',
    seconds: 0,
    outcome: { kind: 'skipped', type: 'inconclusive', message: 'both sides measured no metric of the same thing' },
  }
  const suites = metricSuites(result, properties)
  const rest = [...(metrics.length === 0 ? [nothing] : []), ...absent]
  return [...suites, ...(rest.length === 0 ? [] : [{ name: commandOf(result), startedAt: head.startedAt, cases: rest, properties }])]
}

/** A suite for each scenario, with a test for each of its metrics. */
export function metricSuites(result: ComparedRuns, properties: Record<string, string>): TestSuite[] {
  return [...groupBy(result.metrics, ({ scenario }) => scenario)].map(([scenario, metrics]) => ({
    name: whole(scenario),
    startedAt: result.head.startedAt,
    properties,
    cases: metrics.map((metric) => metricCase(metric, result)),
  }))
}

function metricCase(metric: ComparedMetric, result: ComparedRuns): TestCase {
  const { scenario, variant, load, verdict, base, head, unit, why } = metric
  const limit = verdict === 'better' ? '' : limitText(metric)
  const told = [fromTo(base.value, head.value, unit, { unicode: true }), changeText(metric), limit]
  const text = told.filter((part) => part !== '').join(', ')
  const name = `${whole([variant, ...(load === null ? [] : [load])].join(' '))}: ${whole(metric.metric)}`
  const one: TestCase = { group: whole(scenario), name, seconds: 0 }
  switch (verdict) {
    case 'worse':
      return { ...one, outcome: { kind: 'failure', type: 'worse', message: text } }
    case 'inconclusive':
      return {
        ...one,
        outcome: { kind: 'skipped', type: 'inconclusive', message: `inconclusive: ${whole(why)}` },
        output: [text, ...adviceFor([metric], result)],
      }
    case 'better':
    case 'same':
      return { ...one, output: [`${verdict}: ${text}`] }
  }
}

function ofAudits({ base, head, since, complete }: ComparedAudits): TestSuite[] {
  const seen: TestCase = {
    group: 'redline',
    name: 'both audits saw all that they were to see',
    seconds: 0,
    ...(complete
      ? {}
      : { outcome: { kind: 'skipped' as const, type: 'inconclusive', message: 'not all was read: what is missing may be there' } }),
  }
  const one = ({ rule, about }: { rule: string; about: string }): TestCase => ({
    group: `redline.${whole(rule.split('/')[0]!)}`,
    name: `${whole(rule)} ${whole(about)}`,
    seconds: 0,
  })
  const cases: TestCase[] = [
    seen,
    ...since.added.map((added): TestCase => ({
      ...one(added),
      outcome: { kind: 'failure', type: 'new', message: `new since ${whole(base.name)}: ${whole(added.about)}` },
    })),
    ...since.fixed.map((fixed): TestCase => ({ ...one(fixed), output: [`fixed since ${whole(base.name)}`] })),
  ]
  return [{ name: 'redline compare', startedAt: head.startedAt, cases, properties: { base: whole(base.name), head: whole(head.name) } }]
}

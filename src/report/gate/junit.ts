import type { Change, CheckedThreshold, GateDocument } from '../../schema/gate.js'
import { whole } from '../words.js'
import { metricSuites } from '../compare/junit.js'
import { junitXml, type TestCase, type TestSuite } from '../text/junit.js'
import { changeText, thresholdText } from './words.js'

/**
 * A gate's answer as tests: one for each threshold, each metric beside its baseline, each change in the history and each further reason. Failures are
 * there exactly when the gate fails; what it could not tell is skipped, with the reason.
 */
export function gateToJunit({ results, thresholds, baselines, changes, reasons }: GateDocument): string {
  const startedAt =
    results
      .map((one) => one.startedAt)
      .toSorted()
      .at(-1) ?? new Date(0).toISOString()
  const suite = (name: string, cases: readonly TestCase[]): TestSuite[] => (cases.length === 0 ? [] : [{ name, startedAt, cases }])
  return junitXml('redline gate', [
    ...suite('redline gate', [
      ...results.map(({ name, kind }): TestCase => ({
        group: 'redline gate',
        name: `${whole(name)} is ${kind === 'run' ? 'a run' : 'an audit'} that was judged`,
        seconds: 0,
      })),
      ...reasons.map(({ verdict, message }): TestCase => ({
        group: 'redline gate',
        name: whole(message),
        seconds: 0,
        outcome: { kind: verdict === 'fail' ? 'failure' : 'skipped', type: verdict, message: whole(message) },
      })),
    ]),
    ...suite('thresholds', thresholds.map(thresholdCase)),
    ...baselines.flatMap(({ file, comparison }) => metricSuites(comparison, { baseline: whole(file), head: whole(comparison.head.name) })),
    ...suite('history', changes.map(changeCase)),
  ])
}

function thresholdCase(threshold: CheckedThreshold): TestCase {
  const { expression, about, verdict, why } = threshold
  const name = `${whole(expression)}${about === '' ? '' : ` (${whole(about)})`}`
  const one: TestCase = { group: 'redline gate', name, seconds: 0 }
  const message = thresholdText(threshold)
  if (verdict === 'pass') return { ...one, output: [message] }
  if (verdict === 'fail') return { ...one, outcome: { kind: 'failure', type: 'fail', message } }
  return { ...one, outcome: { kind: 'skipped', type: 'inconclusive', message: `inconclusive: ${whole(why)}` }, output: [message] }
}

function changeCase(change: Change): TestCase {
  const message = changeText(change, { unicode: true })
  const { variant, load, metric } = change
  return {
    group: whole(change.scenario),
    name: `${whole([variant, ...(load === null ? [] : [load])].join(' '))}: ${whole(metric)} in the history`,
    seconds: 0,
    outcome: { kind: 'failure', type: 'worse', message },
  }
}

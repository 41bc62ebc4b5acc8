import type { GateDocument } from '../../schema/gate.js'
import { whole } from '../words.js'
import { comparedGauges } from '../compare/prometheus.js'
import { exposition, type Gauge, type Sample } from '../text/exposition.js'

const VERDICTS = ['pass', 'fail', 'inconclusive'] as const

/** A gate's answer as metrics: its exit code and verdict, what was measured beside each threshold, ratios to the baselines, changes in the history. */
export function gateToPrometheus({ verdict, exitCode, results, thresholds, baselines, changes }: GateDocument): string {
  const newest = results.map(({ startedAt }) => Date.parse(startedAt) / 1000).reduce((a, b) => Math.max(a, b), 0)
  return exposition([
    gauge('redline_gate_exit_code', 'What the gate exited with: 0 pass, 1 fail, 3 inconclusive', [{ labels: {}, value: exitCode }]),
    gauge(
      'redline_gate_verdict',
      'Verdict of the gate: 1 for the one that it is, 0 for the others',
      VERDICTS.map((one) => ({ labels: { verdict: one }, value: one === verdict ? 1 : 0 })),
    ),
    gauge('redline_gate_result_timestamp_seconds', 'When the newest result that was judged began, in seconds since 1970', [
      { labels: {}, value: newest },
    ]),
    gauge(
      'redline_gate_thresholds',
      'Thresholds by their verdict',
      VERDICTS.map((one) => ({ labels: { verdict: one }, value: thresholds.filter((threshold) => threshold.verdict === one).length })),
    ),
    gauge(
      'redline_gate_threshold_value',
      'What was measured beside a threshold, in its unit, with its 95% interval (stat)',
      thresholds.flatMap((threshold) => {
        const { expression, about, unit, result, value, low, high } = threshold
        const labels = {
          expression: whole(expression),
          about: whole(about),
          result: whole(result),
          unit: whole(unit),
        }
        return Object.entries({ estimate: value, low, high }).flatMap(([stat, number]) =>
          number === null ? [] : [{ labels: { ...labels, stat }, value: number }],
        )
      }),
    ),
    ...comparedGauges(
      'redline_gate_baseline',
      baselines.map(({ file, comparison }) => ({ comparison, labels: { baseline: whole(file) } })),
    ),
    gauge('redline_gate_changes', 'Recent changes for the worse in the history', [{ labels: {}, value: changes.length }]),
  ])
}

function gauge(name: string, help: string, samples: readonly Sample[]): Gauge {
  return { name, help, samples }
}

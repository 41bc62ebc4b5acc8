import type { GateDocument, GateVerdict } from '../../schema/gate.js'
import { whole } from '../words.js'
import { metricAnnotations } from '../compare/github.js'
import { subjectOf } from '../compare/words.js'
import { type Annotation, annotationCommand, limited } from '../text/workflow-command.js'
import { byVerdict, failuresFirst, verdictOfGate } from './verdict.js'
import { changeText, thresholdText } from './words.js'

const LEVELS: Record<GateVerdict, Annotation['level']> = { fail: 'error', inconclusive: 'warning', pass: 'notice' }

/** A gate's answer as annotations: what fails it as errors, what it could not tell as warnings, the sum of it as a notice. */
export function gateToGithub(gate: GateDocument): string {
  const { thresholds, baselines, changes, reasons, exitCode } = gate
  const annotations: Annotation[] = [
    ...byVerdict(thresholds)
      .filter(({ verdict }) => verdict !== 'pass')
      .map((threshold): Annotation => ({
        level: LEVELS[threshold.verdict],
        title: `${whole(threshold.expression)}: ${threshold.verdict}`,
        message: thresholdText(threshold),
      })),
    ...failuresFirst(reasons).map(({ verdict, message }): Annotation => ({
      level: LEVELS[verdict],
      title: `redline gate: ${verdict}`,
      message: whole(message),
    })),
    ...baselines.flatMap(({ comparison }) => metricAnnotations(comparison)),
    ...changes.map((change): Annotation => ({
      level: 'error',
      title: `${subjectOf(change)}: ${whole(change.metric)} worse in the history`,
      message: changeText(change, { unicode: true }),
    })),
    { level: 'notice', title: 'redline gate', message: `${verdictOfGate(gate).text} (exit ${exitCode})` },
  ]
  return limited(annotations).map(annotationCommand).join('')
}

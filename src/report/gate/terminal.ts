import type { CheckedThreshold, GateDocument } from '../../schema/gate.js'
import { flow, whole } from '../words.js'
import { markedLines, metricLines } from '../compare/metrics.js'
import { counted } from '../compare/words.js'
import { paint, type Style } from '../style.js'
import { logText } from '../text/log.js'
import { byVerdict, failuresFirst, whyOf } from './verdict.js'
import { changeText, thresholdText } from './words.js'

const TONES = { pass: 'good', fail: 'bad', inconclusive: 'doubtful' } as const

/** A gate's answer as text for a terminal: what failed first in each part, the verdict last. Depends on the document and the style alone. */
export function renderGate(gate: GateDocument, style: Style): string {
  const { baselines, changes, reasons } = gate
  const blocks = [
    headerLines(gate, style),
    thresholdLines(gate.thresholds, style),
    ...baselines.map(({ file, comparison }) => [
      ...flow([`baseline ${whole(file)}`, baselineText(comparison.base)], style).map((line) => paint(line, 'dim', style)),
      ...metricLines(comparison, style),
    ]),
    changes.flatMap((change) => markedLines('bad', changeText(change, style), style)),
    failuresFirst(reasons).flatMap((reason) => markedLines(TONES[reason.verdict], whole(reason.message), style)),
    verdictLines(gate, style),
  ].filter((lines) => lines.length > 0)
  return logText(`${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`)
}

function headerLines({ results }: GateDocument, style: Style): string[] {
  const names = results.map(({ name, kind, startedAt }) => `${whole(name)} (${kind} of ${startedAt.slice(0, 16).replace('T', ' ')})`)
  const [first = '', ...more] = flow(['redline gate', ...names], style)
  return [first.replace(/^redline gate/, paint('redline gate', 'strong', style)), ...more]
}

/** `12 runs in 9 sittings` */
export function baselineText({ runs, sittings }: { runs: number; sittings: number }): string {
  return `${counted(runs, 'run')} in ${counted(sittings, 'sitting')}`
}

function thresholdLines(thresholds: readonly CheckedThreshold[], style: Style): string[] {
  const passed = thresholds.filter(({ verdict }) => verdict === 'pass').length
  return [
    ...byVerdict(thresholds)
      .filter(({ verdict }) => verdict !== 'pass')
      .flatMap((threshold) => markedLines(TONES[threshold.verdict], thresholdText(threshold), style)),
    ...(passed > 0 ? markedLines('good', `${counted(passed, 'threshold')} kept`, style) : []),
  ]
}

function verdictLines(gate: GateDocument, style: Style): string[] {
  const { verdict, exitCode } = gate
  const [first = '', ...more] = flow([`${verdict}  exit ${exitCode}`, ...whyOf(gate)], style)
  return [paint(verdict, TONES[verdict], style) + first.slice(verdict.length), ...more]
}

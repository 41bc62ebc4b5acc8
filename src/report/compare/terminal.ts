import { safeText } from '../../core/text.js'
import { trim } from '../../core/units.js'
import type { ComparedRuns, Difference } from '../../schema/compare.js'
import { paint, separator, type Style } from '../style.js'
import { wrap } from '../wrap.js'
import { metricLines } from './metrics.js'
import { commandOf, counted } from './words.js'

/** Two runs compared: by which rules, what else differs, and what became of each metric. */
export function comparedRunsLines(result: ComparedRuns, style: Style): string[] {
  return [
    ...headerLines(result, style),
    ...differenceLines(result.differences, style),
    ...missingLines(result, style),
    '',
    ...metricLines(result, style),
  ]
}

/** What was compared, and by which rules. */
function headerLines(result: ComparedRuns, style: Style): string[] {
  const { base, head, design, limit, drift } = result
  const sideText = ({ name, runs, sittings, startedAt }: ComparedRuns['base']) => {
    const several = runs === 1 ? '' : ` (${counted(runs, 'run')} in ${counted(sittings, 'sitting')})`
    return `${safeText(name)}${several}, ${startedAt.slice(0, 16).replace('T', ' ')}`
  }
  const rule = [
    `limit ${trim(limit * 100, 3)}%`,
    design === 'paired' ? 'rounds in pairs' : `drift of machines up to ${trim(drift * 100, 3)}%`,
  ]
  const lines = [`base  ${sideText(base)}`, `head  ${sideText(head)}`]
  const command = commandOf(result)
  const [first = '', ...more] = wrap([command, ...rule].join(separator(style)), style.width)
  return [first.replace(command, () => paint(command, 'strong', style)), ...more, ...lines.flatMap((line) => wrap(line, style.width))]
}

/** In what the sides differ beside their figures. */
export function differenceLines(differences: readonly Difference[], style: Style): string[] {
  return differences.flatMap((difference) => {
    const lines = wrap(`differs: ${differenceText(difference)}`, style.width)
    return difference.unlike ? lines.map((line) => paint(line, 'doubtful', style)) : lines.map((line) => paint(line, 'dim', style))
  })
}

/** `engine: redis, valkey`; names that anybody could have given are made safe. */
export function differenceText({ what, scenario, base, head }: Difference): string {
  return safeText(`${what}${scenario === null ? '' : ` of ${scenario}`}: ${base} in base, ${head} in head`)
}

function missingLines({ missing }: ComparedRuns, style: Style): string[] {
  return (['base', 'head'] as const).flatMap((from) => {
    const names = missing.filter((one) => one.from === from).map(({ scenario, variant }) => safeText(`${scenario} ${variant}`))
    return names.length === 0 ? [] : wrap(`not in ${from}: ${names.join(', ')}`, style.width)
  })
}

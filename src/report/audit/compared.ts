import type { ComparedAudits } from '../../schema/compare.js'
import { markedLines } from '../compare/metrics.js'
import { differenceLines } from '../compare/terminal.js'
import { paint, separator, type Style } from '../style.js'
import { sinceLines } from './since.js'
import { whole } from '../words.js'

/** Two audits compared, as text for a terminal: how the keyspace grew, which findings came and went. */
export function comparedAuditsLines({ since, complete, base, head, differences }: ComparedAudits, style: Style): string[] {
  const counts = [`${since.added.length} new`, `${since.fixed.length} fixed`].join(separator(style))
  return [
    paint('redline compare', 'strong', style),
    `base  ${whole(base.name)}, ${base.startedAt.slice(0, 16).replace('T', ' ')}`,
    `head  ${whole(head.name)}, ${head.startedAt.slice(0, 16).replace('T', ' ')}`,
    ...differenceLines(differences, style),
    '',
    ...sinceLines({ since }, style),
    '',
    ...(complete ? [] : markedLines('doubtful', 'not all was read by both audits: what is missing may be there', style)),
    ...markedLines(since.added.length > 0 ? 'bad' : 'good', `findings: ${counts}`, style),
  ]
}

import type { AuditResult } from '../../schema/audit.js'
import { paint, type Style } from '../style.js'
import { notAssessedLines } from './assessed.js'
import { findingBlocks } from './findings.js'
import { headerLines } from './header.js'
import { patternLines } from './patterns.js'
import { logText } from '../text/log.js'
import { policyLines } from './policy.js'
import { sinceLines } from './since.js'
import { topLines } from './top.js'
import { verdictLines } from './verdict.js'
import { beside, shown } from '../words.js'

/**
 * An audit as text for a terminal: what is wrong first, the most severe first, with what to do; then what could not be looked at, what the
 * keyspace is made of, what changed and what was set aside; in the end the count of it all and the exit code. Depends on the saved
 * result and the style alone, so that the same result always reads the same. Everything in it that somebody could have named is made safe.
 */
export function renderAudit(result: AuditResult, style: Style): string {
  const blocks = [
    headerLines(result, style),
    ...findingBlocks(result, style),
    nothingFound(result, style),
    [...notAssessedLines(result, style), ...noteLines(result, style)],
    patternLines(result, style),
    topLines(result, style),
    sinceLines(result, style),
    policyLines(result, style),
    verdictLines(result, style),
  ]
  const texts = blocks.filter((lines) => lines.length > 0).map((lines) => lines.map((line) => line.trimEnd()).join('\n'))
  return logText(`${texts.join('\n\n')}\n`)
}

/** That nothing was found, which an audit that did not see everything can say only of what it saw. */
function nothingFound({ findings, known, suppressed, coverage, interrupted, failure }: AuditResult, style: Style): string[] {
  if (findings.length > 0) return []
  if (interrupted || failure !== null || !coverage.complete) return [paint('nothing was found in what was seen', 'doubtful', style)]
  return [paint(known.length + suppressed.length > 0 ? 'nothing new was found' : 'nothing was found', 'good', style)]
}

function noteLines({ coverage }: AuditResult, style: Style): string[] {
  return coverage.notes.flatMap((note) => beside('note', 9, shown(note, style), style, 'dim'))
}

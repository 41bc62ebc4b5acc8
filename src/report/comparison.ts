import type { CompareResult } from '../schema/compare.js'
import { comparedAuditsLines } from './audit/compared.js'
import { comparedRunsLines } from './compare/terminal.js'
import type { Style } from './style.js'
import { logText } from './text/log.js'

/** A comparison as text for a terminal. Depends on the document and the style alone; everything in it that somebody could have named is made safe. */
export function renderComparison(result: CompareResult, style: Style): string {
  const lines = result.kind === 'runs' ? comparedRunsLines(result, style) : comparedAuditsLines(result, style)
  return logText(`${lines.join('\n')}\n`)
}

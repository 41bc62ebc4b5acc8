import { InputError } from './errors.js'
import { safeText } from './text.js'

/** Where a mistake stands in a file, both counted from 1. */
export interface Position {
  line: number
  column: number
}

/** One thing that is wrong: where in the file (when it stands in one), in which field, and what to write instead. */
export interface Mistake {
  position?: Position
  /** `load.duration`, `commands[0]`, `--set load.rate`; empty for the file as a whole. */
  field: string
  message: string
}

/** Beyond this many, a list of mistakes is noise. */
const MOST_SHOWN = 50
const LONGEST_MESSAGE = 400

/** One error that tells all the mistakes in `subject`, in the order of their positions. */
export function inputErrorOf(subject: string, mistakes: Mistake[]): InputError {
  const sorted = mistakes.toSorted(byPosition)
  const shown = sorted.slice(0, MOST_SHOWN)
  const width = Math.max(0, ...shown.map((mistake) => positionText(mistake).length))
  const lines = shown.map((mistake) => `  ${positionText(mistake).padEnd(width)}${width > 0 ? ' ' : ''}${sentence(mistake)}`)
  if (sorted.length > shown.length) lines.push(`  and ${sorted.length - shown.length} more`)
  return new InputError([`${safeText(subject)} has ${sorted.length} ${sorted.length === 1 ? 'mistake' : 'mistakes'}`, ...lines].join('\n'))
}

function byPosition(a: Mistake, b: Mistake): number {
  return (a.position?.line ?? 0) - (b.position?.line ?? 0) || (a.position?.column ?? 0) - (b.position?.column ?? 0)
}

function positionText({ position }: Mistake): string {
  return position === undefined ? '' : `${position.line}:${position.column}`
}

function sentence({ field, message }: Mistake): string {
  const text = field === '' ? message : `${field}: ${message}`
  return text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE - 3)}...` : text
}

import { InputError } from '../../core/errors.js'
import { groupBy } from '../../core/group.js'
import { inputErrorOf, type Mistake } from '../../core/mistakes.js'

/** Where something stands in a file, counted from 1. */
export interface Place {
  file: string
  line: number
  column: number
}

/** One thing that is wrong in one of the files. */
export interface FileMistake {
  at: Place
  /** The directive or user; empty for the file as a whole. */
  field: string
  message: string
}

/** One error that tells all the mistakes, file by file. Messages hold no values: any of them may be a secret. */
export function errorOf(mistakes: readonly FileMistake[]): InputError {
  const files = [...groupBy(mistakes, ({ at }) => at.file)]
  const errors = files.map(([file, own]) =>
    inputErrorOf(
      file,
      own.map(({ at, field, message }): Mistake => ({ position: at, field, message })),
    ),
  )
  return new InputError(errors.map(({ message }) => message).join('\n'))
}

import { EXIT, type ExitCode } from '../core/errors.js'
import type { RunResult } from '../schema/result.js'
import { isMeasured } from '../stats/summary.js'

/**
 * The exit code that a result stands for: 130 interrupted, 2 cut short by a failure, 3 when any variant has fewer valid rounds than
 * half of those that were measured, 1 when a claim was refuted, else 0.
 */
export function exitCodeOf(result: RunResult): ExitCode {
  if (result.interrupted) return EXIT.interrupted
  if (result.failure !== null) return EXIT.usage
  if (result.scenarios.some(({ variants }) => !variants.every(isMeasured))) return EXIT.invalid
  const refuted = result.scenarios.some(({ expectations }) => expectations.some(({ verdict }) => verdict === 'refuted'))
  return refuted ? EXIT.failed : EXIT.ok
}

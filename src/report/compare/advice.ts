import { trim } from '../../core/units.js'
import type { ComparedMetric, ComparedRuns } from '../../schema/compare.js'
import { counted } from './words.js'

/**
 * What would tell metrics that could not be told, in imperatives. Metrics of one reason (`doubtsOf`) get the same advice; nothing where the
 * reason says all there is to say.
 */
export function adviceFor(metrics: readonly ComparedMetric[], { design, drift }: Pick<ComparedRuns, 'design' | 'drift'>): string[] {
  const unmeasured = metrics.filter(({ base, head }) => base.rounds === 0 || head.rounds === 0)
  if (unmeasured.length > 0)
    return ['Measure them again on the side that has no valid round: its report says what made the rounds invalid.']
  const rounds = metrics.reduce((most, { moreRounds }) => Math.max(most, moreRounds ?? 0), 0)
  const ofMachine = design === 'unpaired' && metrics.some(({ allowance }) => allowance === null || allowance > 0)
  const more = design === 'paired' ? `${counted(rounds, 'more pair')} of rounds` : `${counted(rounds, 'more round')} on each side`
  return [
    ...(ofMachine
      ? [
          'Measure both sides in turns on one machine: with redline ab nothing has to be allowed for the machine.',
          `Or, where the machine is known to be steady, say by how much it drifts: --drift 3% in place of ${trim(drift * 100, 3)}%.`,
        ]
      : []),
    ...(rounds > 0 ? [`Measure longer: about ${more} would be enough.`] : []),
  ]
}

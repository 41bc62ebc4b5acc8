import type { Clock } from '../core/clock.js'
import type { Allowance } from '../redis/safety.js'
import type { ScenarioPlan } from '../schema/scenario.js'
import type { Address } from '../wire/address.js'
import type { SessionContext } from './session.js'

/** Where scenarios run: at an address, or on a server that redline gets for the run. */
export type TargetChoice = { address: Address; allow: ReadonlySet<Allowance> } | { engine: string | undefined }

export interface RunOptions extends SessionContext {
  plans: readonly ScenarioPlan[]
  target: TargetChoice
  /** `full`, `quick` or `ad hoc`. */
  profile: string
  seed: number
  /** Version of redline. */
  version: string
  clock?: Clock
}

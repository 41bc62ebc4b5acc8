import type { Clock } from '../core/clock.js'
import type { Allowance } from '../redis/safety.js'
import type { ScenarioPlan } from '../schema/scenario.js'
import type { Address } from '../wire/address.js'
import type { SessionContext } from './session.js'

/** Where scenarios run: at an address, or on servers that redline gets for the run: all of them on each engine, or on any where none is named. */
export type TargetChoice = { address: Address; allow: ReadonlySet<Allowance> } | { engines: readonly string[] }

/** Workloads and studies that are not redline's: URL of the module whose default export each is, by its id. */
export type WorkloadModules = Readonly<Record<string, string>>

export interface RunOptions extends SessionContext {
  plans: readonly ScenarioPlan[]
  target: TargetChoice
  /** `full`, `quick` or `ad hoc`. */
  profile: string
  seed: number
  /** Version of redline. */
  version: string
  modules?: WorkloadModules
  clock?: Clock
}

import type { Clock } from '../core/clock.js'
import type { Allowance } from '../redis/safety.js'
import type { ScenarioPlan } from '../schema/scenario.js'
import type { Address } from '../wire/address.js'
import type { SessionContext } from './session.js'

/** Where scenarios run: at an address, or on servers that redline gets for the run: all of them on each engine, or on any where none is named. */
export type TargetChoice = { address: Address; allow: ReadonlySet<Allowance> } | { engines: readonly string[] }

/** One server, or servers of one engine (of any where it is undefined). */
export type Place = { address: Address; allow: ReadonlySet<Allowance> } | { engine: string | undefined }

/** Workloads and studies that are not redline's: URL of the module whose default export each is, by its id. */
export type WorkloadModules = Readonly<Record<string, string>>

/** What every measurement needs, whatever it measures. */
export interface MeasureOptions extends SessionContext {
  /** `full`, `quick` or `ad hoc`. */
  profile: string
  seed: number
  /** Version of redline. */
  version: string
  modules?: WorkloadModules
  clock?: Clock
}

export interface RunOptions extends MeasureOptions {
  plans: readonly ScenarioPlan[]
  target: TargetChoice
}

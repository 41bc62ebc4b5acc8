import { UNLIMITED } from '../scan/pace.js'
import { BackOffs } from './back-offs.js'
import { CpuAccount, type CpuReading } from './cpu-account.js'
import type { Regulator } from './regulator.js'

/** No budget: as fast as the server answers. Only the CPU is accounted for. */
export class Unregulated implements Regulator {
  readonly batch = UNLIMITED.batch
  readonly window = UNLIMITED.window
  readonly note = undefined
  readonly cpu = new CpuAccount()
  readonly latency = undefined
  readonly backOffs = new BackOffs()
  readonly #since: number
  #begun = false

  constructor(now: number) {
    this.#since = now
  }

  waitMs(): number {
    return 0
  }

  sent(): void {
    this.#begun = true
  }

  reading(cpu: CpuReading | undefined): void {
    if (cpu) this.cpu.add(cpu, this.#begun ? undefined : this.#since)
  }

  done(): void {}
  forget(): void {}
  probe(): void {}
  oldest(): void {}
  block(): void {}
}

/** The server's clock of CPU time, read at one moment. */
export interface CpuReading {
  /** When, in milliseconds of this process. */
  at: number
  /** CPU time of the thread that runs commands, since the server started. */
  seconds: number
}

/** How much of the recent quiet time is remembered, in seconds: some four pauses. */
const QUIET_MEMORY = 0.6

/** Tells what an audit uses of the server's core from what others use: theirs is what is left while the audit pauses. */
export class CpuAccount {
  /** CPU time that the audit has used, in seconds. */
  auditSeconds = 0
  /** Share of the core that everyone used between the last two readings. */
  lastShare = 0
  #last: CpuReading | undefined
  #quiet: { cpu: number; elapsed: number } = { cpu: 0, elapsed: 0 }

  /** Share of the core that others use; undefined as long as it has not been seen. */
  get othersShare(): number | undefined {
    return this.#quiet.elapsed === 0 ? undefined : this.#quiet.cpu / this.#quiet.elapsed
  }

  /**
   * Takes a reading; `quietFrom` is since when nothing of the audit ran, undefined while it does. Returns the seconds that the
   * audit used since the reading before, undefined where the others' share is not known or time stood still.
   */
  add(reading: CpuReading, quietFrom: number | undefined): number | undefined {
    const before = this.#last
    this.#last = reading
    // A server that was restarted counts from zero.
    if (!before || reading.at <= before.at || reading.seconds < before.seconds) return undefined
    const elapsed = (reading.at - before.at) / 1000
    const cpu = reading.seconds - before.seconds
    this.lastShare = cpu / elapsed
    if (quietFrom !== undefined && quietFrom <= before.at) {
      this.#remember(cpu, elapsed)
      return undefined
    }
    if (this.othersShare === undefined) return undefined
    const used = cpu - this.othersShare * elapsed
    this.auditSeconds += used
    return used
  }

  /** Others have changed what they use: what was seen of them so far is forgotten at the next quiet reading. */
  doubt(): void {
    if (this.othersShare !== undefined) this.#quiet = { cpu: this.othersShare * 0.01, elapsed: 0.01 }
  }

  #remember(cpu: number, elapsed: number): void {
    const kept = Math.min(1, Math.max(0, QUIET_MEMORY - elapsed) / Math.max(this.#quiet.elapsed, 1e-9))
    this.#quiet = { cpu: this.#quiet.cpu * kept + cpu, elapsed: this.#quiet.elapsed * kept + elapsed }
  }
}

/** Server time of a key with five facts, in milliseconds, until it has been measured: somewhat more than most servers need. */
const FIRST_GUESS_MS = 0.006
const LEAST_MS = 0.0005
const MOST_MS = 5
/** In keys: looking at a place of the table that holds none, and reading and answering a batch. */
const EMPTY_PLACE = 0.02
const BATCH = 5
/** How much server time is remembered, in milliseconds: a second at a quarter of a core. */
const MEMORY_MS = 250
/** What has to be seen before it outweighs the guess. */
const FEWEST_MS = 15
/** One reading may not change the price of a unit by more than this factor: others' work can look like ours for a moment. */
const MOST_CHANGE = 1.5

/**
 * What a batch costs the server. Cost is counted in units (a key is one, an empty place of the table a fiftieth, the batch itself
 * five) whose price is learnt: from the server's CPU where it tells, from the time that batches take where it does not.
 */
export class WorkModel {
  /** Keys that a place of the table yields. */
  #yield = 1
  #unitMs = FIRST_GUESS_MS
  /** Units since the last reading of the CPU. */
  #unread = 0
  #seen = { units: 0, ms: 0 }
  #cpuKnown = false

  /** Server time of a unit, in milliseconds. */
  get unitMs(): number {
    return this.#unitMs
  }

  /** COUNT for a batch that keeps the server busy for so many milliseconds. */
  countFor(ms: number): number {
    return Math.max(1, Math.floor((ms / this.#unitMs - BATCH) / (this.#yield + EMPTY_PLACE)))
  }

  /** What a batch is expected to cost, in milliseconds of server time. */
  costOf(count: number): number {
    return unitsOf(count * this.#yield, count) * this.#unitMs
  }

  /** Takes a batch that is answered, which kept the server busy for at most `busyMs`. Returns what it really cost. */
  answered(count: number, keys: number, busyMs: number): number {
    const units = unitsOf(keys, count)
    this.#yield = Math.max(0.01, this.#yield + 0.1 * (keys / count - this.#yield))
    this.#unread += units
    if (!this.#cpuKnown) this.#learn(units, busyMs)
    return units * this.#unitMs
  }

  /** Takes the CPU time that the server spent on all batches since the last reading. */
  measured(ms: number): void {
    const units = this.#unread
    this.#unread = 0
    if (units === 0) return
    if (!this.#cpuKnown) this.#seen = { units: 0, ms: 0 }
    this.#cpuKnown = true
    this.#learn(units, ms)
  }

  /** What ran since the last reading can't be told from the work of others. */
  skip(): void {
    this.#unread = 0
  }

  #learn(units: number, ms: number): void {
    const kept = Math.max(0, 1 - Math.max(ms, units * this.#unitMs) / MEMORY_MS)
    this.#seen = { units: this.#seen.units * kept + units, ms: this.#seen.ms * kept + ms }
    if (this.#seen.units * this.#unitMs < FEWEST_MS) return
    const learnt = Math.min(MOST_MS, Math.max(LEAST_MS, this.#seen.ms / this.#seen.units))
    this.#unitMs = Math.min(this.#unitMs * MOST_CHANGE, Math.max(this.#unitMs / MOST_CHANGE, learnt))
  }
}

function unitsOf(keys: number, count: number): number {
  return BATCH + keys + EMPTY_PLACE * count
}

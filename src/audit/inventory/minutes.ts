/** Minutes that are counted exactly. */
const EXACT = 128
/** Prime to each other, so that a minute shares its place with another in one of the two tables only. */
const [FIRST, SECOND] = [512, 509]

/** Counts by minute, as JSON holds them. */
export interface SavedMinutes {
  exact: [minute: number, keys: number][]
  /** Once there are many minutes. */
  tables: { first: number; last: number; total: number; keys: number[] } | null
}

/**
 * Counts keys by the minute in which they expire, to find the one in which most do: exactly for as long as there are few minutes, and
 * then in two tables in which minutes share places (a count-min sketch: Cormode and Muthukrishnan 2005; with the mean of what
 * shares a place subtracted: Deng and Rafiei 2007). The order in which keys come makes no difference.
 */
export class Minutes {
  #exact: Map<number, number> | undefined = new Map()
  #tables: Float64Array | undefined
  #total = 0
  #first = Infinity
  #last = -Infinity

  add(minute: number, keys = 1): void {
    this.#total += keys
    if (minute < this.#first) this.#first = minute
    if (minute > this.#last) this.#last = minute
    if (this.#exact === undefined) this.#addToTables(minute, keys)
    else {
      this.#exact.set(minute, (this.#exact.get(minute) ?? 0) + keys)
      if (this.#exact.size > EXACT) this.#fold()
    }
  }

  #addToTables(minute: number, keys: number): void {
    this.#tables![minute % FIRST]! += keys
    this.#tables![FIRST + (minute % SECOND)]! += keys
  }

  #fold(): void {
    const exact = this.#exact ?? new Map<number, number>()
    this.#exact = undefined
    this.#tables ??= new Float64Array(FIRST + SECOND)
    for (const [minute, keys] of exact) this.#addToTables(minute, keys)
  }

  merge(other: Minutes): void {
    if (other.#exact) for (const [minute, keys] of other.#exact) this.add(minute, keys)
    else {
      this.#fold()
      other.#tables!.forEach((keys, at) => (this.#tables![at]! += keys))
      this.#total += other.#total
      this.#first = Math.min(this.#first, other.#first)
      this.#last = Math.max(this.#last, other.#last)
    }
  }

  /** The minute (of Unix time) in which most expire, the earliest of several; undefined when nothing was added. */
  peak(): { minute: number; keys: number } | undefined {
    if (this.#total === 0) return undefined
    let peak = { minute: this.#first, keys: 0 }
    const consider = (minute: number, keys: number) => {
      if (keys > peak.keys || (keys === peak.keys && minute < peak.minute)) peak = { minute, keys }
    }
    if (this.#exact) for (const [minute, keys] of this.#exact) consider(minute, keys)
    else this.#estimates(consider)
    return { minute: peak.minute, keys: Math.max(1, Math.round(peak.keys)) }
  }

  /** Only minutes in the fullest places of the first table can be the peak: a few of them are looked at, each time that they come round. */
  #estimates(consider: (minute: number, keys: number) => void): void {
    const tables = this.#tables!
    const others = (place: number, of: number) => (this.#total - tables[place]!) / (of - 1)
    const fullest = Array.from({ length: FIRST }, (_, place) => place)
      .toSorted((a, b) => tables[b]! - tables[a]! || a - b)
      .slice(0, 8)
    for (const place of fullest) {
      const start = this.#first + ((place - (this.#first % FIRST) + FIRST) % FIRST)
      for (let minute = start; minute <= this.#last; minute += FIRST) {
        const second = FIRST + (minute % SECOND)
        consider(minute, Math.min(tables[place]! - others(place, FIRST), tables[second]! - others(second, SECOND)))
      }
    }
  }

  save(): SavedMinutes {
    const tables = this.#tables && { first: this.#first, last: this.#last, total: this.#total, keys: [...this.#tables] }
    return { exact: [...(this.#exact ?? [])], tables: tables ?? null }
  }

  static restore({ exact, tables }: SavedMinutes): Minutes {
    const restored = new Minutes()
    for (const [minute, keys] of exact) restored.add(minute, keys)
    if (tables === null) return restored
    restored.#fold()
    restored.#tables!.set(tables.keys)
    restored.#first = tables.first
    restored.#last = tables.last
    restored.#total = tables.total
    return restored
  }
}

import { ALLOWED, blockOf, type Excess, excessOf, type Probe } from './excess.js'
import { LatencyTally, RecentLatencies } from './latencies.js'

/** Those of some fifteen pauses, so that what others do now and then is among them; the eighth largest is their p99. */
const QUIET_PROBES = 800
/**
 * What stands for their p99 in the target is so many standard deviations of its rank below it: of some hundred probes it is known to within a few
 * ranks, and a guess that lies in the tail of what others do would hide what the audit does.
 */
const CAREFUL = 1.5
/** How far back the scan's own time is judged: a gross excess shows in the short span, a slight one in the long. */
const SHORT_MS = 500
const LONG_MS = 5000
/** Share of the probes that makes an excess gross. */
const GROSS = 0.1
/** Of the last probes of a pause, before it counts as known. */
const FEWEST = 20
/** The control aims at less than was allowed, because it learns of an excess only after it happened. */
const AIM = 0.75
/** How many of the last probes are asked about another pace: those of little more than a second. */
const EVIDENCE_PROBES = 250
/** So many late probes are taken to have been missed: few probes, or those of a far slower pace, are no good news. */
const MISSED = 1
/** What no server's everyday does to a PING, however its latency is spread; and what is trouble on any. */
const TROUBLE_MS = 50
const MOST_TROUBLE_MS = 500
/** A latency that falls by so much within a pause is still recovering from what was before it. */
const FALLING = 0.8

/**
 * Compares the latency of a probe while keys are read with that while none are. A budget for p99 is kept when no more than one probe
 * in a hundred is slower than the quiet p99 and the budget together; counting those is robust where comparing two p99s is not: a
 * single outlier is one of many, however late it was.
 */
export class LatencyJudge {
  /** All probes that were sent while no keys were read, and all others. */
  readonly before = new LatencyTally()
  readonly during = new LatencyTally()
  readonly #addedMs: number
  readonly #quiet = new RecentLatencies(QUIET_PROBES)
  #fastest = Infinity
  #scan: PacedProbe[] = []
  #pause: Probe[] = []

  /** `addedMs`: by how much p99 may rise. */
  constructor(addedMs: number) {
    this.#addedMs = addedMs
  }

  /** What one probe in a hundred may take longer than, in milliseconds. */
  get targetMs(): number {
    return this.#carefulP99 + AIM * this.#addedMs
  }

  /** What a probe takes when something has gone wrong, in milliseconds: far more than others make it take now and then. */
  get troubleMs(): number {
    const usual = Math.max(1.5 * this.#quietP99, 1.2 * this.#quiet.quantile(1))
    return Math.min(MOST_TROUBLE_MS, usual + TROUBLE_MS)
  }

  /** What the network takes: the fastest probe, because only the others waited for the server too. */
  get roundTripMs(): number {
    return this.before.count === 0 ? 0 : this.#fastest
  }

  /** A probe that was sent while keys were read; `level` is the pace that it tells of, if any. */
  addScan(sentAt: number, ms: number, level: number | undefined): void {
    if (level !== undefined) this.#scan.push({ sentAt, ms, level })
    this.during.add(ms)
  }

  /** A probe that was sent in a pause; `usual` unless something is wrong just now. */
  addQuiet(sentAt: number, ms: number, usual: boolean): void {
    this.#pause.push({ sentAt, ms })
    if (usual) this.#addUsual(ms)
  }

  /** A pause begins: what it shows is counted from here. */
  beginPause(): void {
    this.#pause = []
  }

  /** Another pace from here on: what was seen before says nothing about it. */
  restart(): void {
    this.#scan = []
  }

  /** The probes that tell of the present pace: those of the last half second when that is bad, else those of the last seconds. */
  recent(now: number): readonly Probe[] {
    this.#scan = this.#scan.filter(({ sentAt }) => sentAt > now - LONG_MS)
    const short = this.#since(now - SHORT_MS)
    const excess = this.excess(short)
    return excess.significant && isGross(excess) ? short : this.#scan
  }

  /** How these probes, sent while keys were read, compare with what is known now of the time without. */
  excess(probes: readonly Probe[]): Excess {
    const { targetMs } = this
    return excessOf(probes, targetMs, Math.max(ALLOWED, this.#quiet.shareAbove(targetMs)))
  }

  /** How many milliseconds the p99 of these probes is above the quiet one. */
  addedMs(probes: readonly Probe[]): number {
    const recent = new RecentLatencies(Math.max(1, probes.length))
    for (const { ms } of probes) recent.add(ms)
    return Math.max(0, recent.quantile(0.99) - this.#quietP99)
  }

  /**
   * Whether the last probes speak for this level of the pace: then no more of them would have been late at it than others make late and the budget
   * allows. Half the level means batches half as long and half as often, so a probe that was sent at half of it counts for half a one, and as
   * late when it took more than half of the addition that is aimed at. Late ones in one block of time are one.
   */
  supports(level: number): boolean {
    const probes = this.#scan.slice(-EVIDENCE_PROBES)
    const late = new Set<number>()
    let expected = 0
    let exposure = 0
    let known = { level: 0, ms: 0, others: 0 }
    for (const probe of probes) {
      const part = Math.min(1, probe.level / level)
      if (probe.level !== known.level) {
        const ms = this.#carefulP99 + part * AIM * this.#addedMs
        known = { level: probe.level, ms, others: this.#quiet.shareAbove(ms) }
      }
      if (probe.ms > known.ms) late.add(blockOf(probe))
      expected += known.others
      exposure += part
    }
    return late.size + MISSED <= expected + ALLOWED * exposure
  }

  /** What the present pause has shown. */
  get pause(): readonly Probe[] {
    return this.#pause
  }

  /** Whether the pause has shown enough to be judged by. */
  get isKnown(): boolean {
    return this.#pause.length >= FEWEST
  }

  /** Whether the last probes of the pause are as they should be. */
  isCalm(targetMs: number): boolean {
    return this.isKnown && !excessOf(this.#pause.slice(-FEWEST), targetMs).many
  }

  /** Whether the latency gets better in the course of the pause: what made it high is over, and the server catches up. */
  get isFalling(): boolean {
    const half = this.#pause.length >> 1
    return medianOf(this.#pause.slice(half)) < FALLING * medianOf(this.#pause.slice(0, half))
  }

  /** What others do to the latency has changed: the pauses that showed it count as much as all before them. */
  adopt(probes: readonly Probe[]): void {
    this.#quiet.keepLast(probes.length)
    for (const { ms } of probes) this.#addUsual(ms)
  }

  get #carefulP99(): number {
    const above = 0.01 * this.#quiet.size
    return this.#quiet.quantile(1 - (above + CAREFUL * Math.sqrt(above)) / Math.max(1, this.#quiet.size))
  }

  get #quietP99(): number {
    return this.#quiet.quantile(0.99)
  }

  #since(at: number): readonly Probe[] {
    return this.#scan.filter(({ sentAt }) => sentAt > at)
  }

  #addUsual(ms: number): void {
    this.#fastest = Math.min(this.#fastest, ms)
    this.#quiet.add(ms)
    this.before.add(ms)
  }
}

/** A probe of the scan, and the level of the pace at which it was sent. */
interface PacedProbe extends Probe {
  level: number
}

/** Whether so many probes were late that half a second shows it. */
export function isGross({ probes, over }: Excess): boolean {
  return over > GROSS * probes
}

function medianOf(probes: readonly Probe[]): number {
  const sorted = probes.map(({ ms }) => ms).toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? 0
}

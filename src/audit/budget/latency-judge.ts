import { type Excess, excessOf, type Probe } from './excess.js'
import { LatencyTally, RecentLatencies } from './latencies.js'
import type { Room } from './throttle.js'

/** Those of some fifteen pauses, so that what others do now and then is among them; the eighth largest is their p99. */
const QUIET_PROBES = 800
/**
 * What stands for their p99 in the target, somewhat below it: of some hundred probes it is known to within a few ranks, and a guess that lies in the
 * tail of what others do would hide what the audit does.
 */
const CAREFUL_P99 = 0.985
/** How far back the scan's own time is judged: a gross excess shows in the short span, a slight one in the long. */
const SHORT_MS = 500
const LONG_MS = 5000
/** Share of the probes that makes an excess gross. */
const GROSS = 0.1
/** Of the last probes of a pause, before it counts as known. */
const FEWEST = 20
/** The control aims at less than was allowed, because it learns of an excess only after it happened. */
const AIM = 0.75
/** While probes keep to these parts of the addition that is aimed at, twice and four times the pace is safe. */
const SOME_ROOM = 0.5
const PLENTY_OF_ROOM = 0.25
const PROBES_OF_A_SECOND = 200
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
  #scan: Probe[] = []
  #pause: Probe[] = []

  /** `addedMs`: by how much p99 may rise. */
  constructor(addedMs: number) {
    this.#addedMs = addedMs
  }

  /** What one probe in a hundred may take longer than, in milliseconds. */
  get targetMs(): number {
    return this.#quiet.quantile(CAREFUL_P99) + AIM * this.#addedMs
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

  /** A probe that was sent while keys were read, `judged` when it tells of the present pace. */
  addScan(sentAt: number, ms: number, judged: boolean): void {
    if (judged) this.#scan.push({ sentAt, ms })
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
    const excess = excessOf(short, this.targetMs)
    return excess.significant && isGross(excess) ? short : this.#scan
  }

  /** How these probes, sent while keys were read, compare with what is known now of the time without. */
  excess(probes: readonly Probe[]): Excess {
    return excessOf(probes, this.targetMs)
  }

  /** How many milliseconds the p99 of these probes is above the quiet one. */
  addedMs(probes: readonly Probe[]): number {
    const recent = new RecentLatencies(Math.max(1, probes.length))
    for (const { ms } of probes) recent.add(ms)
    return Math.max(0, recent.quantile(0.99) - this.#quietP99)
  }

  /** How much of the budget the present pace leaves. To see plenty takes a second, because a slow scan meets few probes. */
  get room(): Room {
    const excess = (probes: readonly Probe[], part: number) =>
      excessOf(probes, this.#quiet.quantile(CAREFUL_P99) + part * AIM * this.#addedMs)
    const second = this.#scan.slice(-PROBES_OF_A_SECOND)
    if (second.length === PROBES_OF_A_SECOND && !excess(second, PLENTY_OF_ROOM).many) return 'plenty'
    const half = second.slice(-PROBES_OF_A_SECOND / 2)
    return half.length === PROBES_OF_A_SECOND / 2 && !excess(half, SOME_ROOM).significant ? 'some' : 'little'
  }

  /** What the pause showed, by a target of before. */
  excessOfPause(targetMs: number): Excess {
    return excessOf(this.#pause, targetMs)
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

  /** What others do to the latency has changed: the pause that showed it counts as much as all before it. */
  adoptPause(): void {
    this.#quiet.keepLast(this.#pause.length)
    for (const { ms } of this.#pause) this.#addUsual(ms)
  }

  get #quietP99(): number {
    return this.#quiet.quantile(0.99)
  }

  #since(at: number): Probe[] {
    return this.#scan.filter(({ sentAt }) => sentAt > at)
  }

  #addUsual(ms: number): void {
    this.#fastest = Math.min(this.#fastest, ms)
    this.#quiet.add(ms)
    this.before.add(ms)
  }
}

/** Whether so many probes were late that half a second shows it. */
export function isGross({ probes, over }: Excess): boolean {
  return over > GROSS * probes
}

function medianOf(probes: readonly Probe[]): number {
  const sorted = probes.map(({ ms }) => ms).toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? 0
}

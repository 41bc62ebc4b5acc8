import { LatencyTally, RecentLatencies } from './latencies.js'

/** Those of some twenty pauses, so that what others do now and then is among them; the tenth largest is their p99. */
const QUIET_PROBES = 1000
/** How far back the scan's own time is judged: a gross excess shows in the short span, a slight one in the long. */
const SHORT_MS = 500
const GROSS = 0.1
const LONG_MS = 5000
/** Below so many probes a share of them says nothing. */
const FEWEST = 20
/** The control aims at less than was allowed, because it learns of an excess only after it happened. */
const AIM = 0.75
/** What no server's everyday does to a PING, however its latency is spread. */
const TROUBLE_MS = 50

/** Probes of a span of time, and those of them that were slower than the budget allows. */
export interface Excess {
  probes: number
  over: number
  /** More than chance would make of one in a hundred. */
  significant: boolean
}

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
  #scan: { sentAt: number; ms: number }[] = []
  #pause: number[] = []

  /** `addedMs`: by how much p99 may rise. */
  constructor(addedMs: number) {
    this.#addedMs = addedMs
  }

  /** What one probe in a hundred may take longer than, in milliseconds. */
  get targetMs(): number {
    return this.#quiet.quantile(0.99) + AIM * this.#addedMs
  }

  /** What a probe takes when something has gone wrong, in milliseconds. */
  get troubleMs(): number {
    return 1.5 * this.#quiet.quantile(0.99) + TROUBLE_MS
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
  addQuiet(ms: number, usual: boolean): void {
    this.#pause.push(ms)
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

  /** How the present pace does: in the last half second when that is bad, else in the last seconds. */
  excess(now: number): Excess {
    this.#scan = this.#scan.filter(({ sentAt }) => sentAt > now - LONG_MS)
    const since = (ms: number) => this.#scan.filter(({ sentAt }) => sentAt > now - ms).map((probe) => probe.ms)
    const short = excessOf(since(SHORT_MS), this.targetMs)
    // One stall of someone else makes several probes late at once, which only chance would not.
    return short.significant && short.over > GROSS * short.probes ? short : excessOf(since(LONG_MS), this.targetMs)
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
    return this.isKnown && !excessOf(this.#pause.slice(-FEWEST), targetMs).significant
  }

  /** What others do to the latency has changed: only the pause that showed it still counts. */
  adoptPause(): void {
    this.#quiet.keepLast(0)
    for (const ms of this.#pause) this.#addUsual(ms)
  }

  #addUsual(ms: number): void {
    this.#fastest = Math.min(this.#fastest, ms)
    this.#quiet.add(ms)
    this.before.add(ms)
  }
}

/** One in a hundred is allowed, give or take two and a half standard deviations of a Poisson count. */
function excessOf(latencies: readonly number[], targetMs: number): Excess {
  const probes = latencies.length
  const over = latencies.filter((ms) => ms > targetMs).length
  const expected = probes / 100
  return { probes, over, significant: probes >= FEWEST && over > expected + 2.5 * Math.sqrt(expected) + 1 }
}

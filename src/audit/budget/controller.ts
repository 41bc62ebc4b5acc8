import { BackOffs, formatLatency } from './back-offs.js'
import type { Budget } from './budget.js'
import { CpuAccount, type CpuReading } from './cpu-account.js'
import { type Excess, excessOf, type Probe } from './excess.js'
import { isGross, LatencyJudge } from './latency-judge.js'
import type { Regulator } from './regulator.js'
import { Throttle } from './throttle.js'

/** Before the first batch: what the server is like without an audit. */
export const BASELINE_MS = 1000

/** Short pauses in which latency and CPU of the others are measured again; not in step with what others do every second. */
const MEASURE_EVERY_MS = 4730
const MEASURE_MS = 220
/** When there has been trouble since the last one: what others do must be known better then. */
const LONG_MEASURE_MS = 500
/** After something was seen the pause is longer, so that it can tell whether the audit is to blame. */
const SUSPECT_MS = 320
/** When slowing down has not helped, it is worth more to know. */
const LONG_SUSPECT_MS = 640
/** How many probes of such pauses are kept. */
const MOST_WITHOUT = 800
/** After the last batch was answered, before the server counts as quiet. */
const SETTLE_MS = 10
/** A batch that is not answered for so long never will be. */
const LOST_MS = 5000

const HOLD_MS = 250
const LONGEST_HOLD_MS = 4000
/** A latency that stays high for so long while the audit pauses is not the audit's doing; for longer, as long as it falls. */
const NOT_OURS_MS = 1000
const STILL_FALLING_MS = 3000
/** A server that has answered nothing for so long has stopped. */
const STOPPED_MS = 1000
/** One gross excess that a pause ended may have been somebody else's for a moment; a second one within this time is ours. */
const AGAIN_MS = 3000
/** Holds that follow each other within this time get longer. */
const STREAK_MS = 5000
/** How often a hold asks whether it is over. */
const ASK_MS = 20

/** A rise of the core's use that the audit does not explain, and how often one may interrupt it. */
const CPU_RISE = 0.3
const CPU_RISE_EVERY_MS = 2000

type Mode =
  /** Keys are read. */
  | 'scan'
  /** A short pause, to see how the server does without us. */
  | 'measure'
  /** Something is wrong: nothing is sent until it is over. */
  | 'hold'

/** What led to a pause in the middle of a scan. */
interface Suspicion {
  probes: readonly Probe[]
  excess: Excess
  /** By the target of before. */
  targetMs: number
  /** Of before. */
  level: number
}

/**
 * Keeps a budget. It speeds up as far as what it saw speaks for a higher pace (that nothing was seen yet does not), slows down by a factor when more than one probe in a hundred is slower than allowed, and
 * stops when something is wrong. Every suspicion is answered with a pause, at once; the pause shows the same server without us, and what it
 * does not better is not the audit's doing. What a pause does better may still have been somebody else's for a moment: only when the excess
 * comes back with the scan is the audit found guilty, and slows down for longer than a moment.
 */
export class Controller implements Regulator {
  readonly cpu = new CpuAccount()
  readonly latency: LatencyJudge
  readonly backOffs = new BackOffs()
  readonly window: number
  readonly #throttle: Throttle
  #mode: Mode = 'measure'
  #modeSince: number
  #pauseUntil: number
  /** When the next of these pauses is due, whatever other pauses there are. */
  #measureAt: number | undefined
  #measuredBackOffs = 0
  #suspicion: Suspicion | undefined
  /** When there was a gross excess that a pause ended. */
  #grossAt = -Infinity
  /** Why the pace is less than it was, until it is what it was. */
  #slowed: (Suspicion & { why: string }) | undefined
  /** What the pauses since then have shown: one alone is too short to see what others do to one request in thirty. */
  #without: readonly Probe[] = []
  /** Of the hold: the target of before, and whether the worst is over. */
  #hold = { targetMs: 0, calm: false }
  #streak = { length: 0, endedAt: -Infinity }
  #underWay: { count: number; costMs: number }[] = []
  #lastSentAt = -Infinity
  #lastDoneAt = -Infinity
  #oldestSentAt: number | undefined
  #blocked: string | undefined
  #evicted: number | undefined
  #evictsByItself = false
  #riseAt = -Infinity
  #note: string | undefined

  /** Begins with the baseline, at `now`. */
  constructor(budget: Budget, now: number) {
    this.latency = new LatencyJudge(budget.addedP99Ms)
    // While one batch is answered and taken in, the server has nothing of ours to do: only a large share needs another by then.
    this.window = budget.cpuShare > 0.5 ? 2 : 1
    this.#throttle = new Throttle(budget, now)
    this.#modeSince = now
    this.#pauseUntil = now + BASELINE_MS
  }

  get batch(): number {
    return this.#throttle.batch(this.latency.roundTripMs)
  }

  /** How much of the allowed pace is used, up to 1. */
  get level(): number {
    return this.#throttle.level
  }

  get note(): string | undefined {
    if (this.#note !== undefined) return this.#note
    return this.#slowed && `slowed down to ${Math.round(this.level * 100)}%: ${this.#slowed.why}`
  }

  waitMs(now: number): number {
    if (this.#mode !== 'scan') {
      const left = this.#pauseUntil - now
      if (left > 0) return left
      if (!this.#isOver(now)) return ASK_MS
      this.#resume(now)
    }
    if (this.#measureAt === undefined || now < this.#measureAt) return this.#throttle.waitMs(this.#duty, now)
    this.#measureAt = now + MEASURE_EVERY_MS
    const ms = this.backOffs.count > this.#measuredBackOffs ? LONG_MEASURE_MS : MEASURE_MS
    this.#measuredBackOffs = this.backOffs.count
    this.#pause('measure', now, ms)
    return ms
  }

  sent(count: number, now: number): void {
    const costMs = this.#throttle.work.costOf(count)
    this.#throttle.spend(costMs)
    this.#underWay.push({ count, costMs })
    this.#lastSentAt = now
  }

  done(keys: number, elapsedMs: number, now: number): void {
    this.#lastDoneAt = now
    const batch = this.#underWay.shift()
    if (!batch) return
    const busyMs = Math.max(0.02, elapsedMs - this.latency.roundTripMs)
    this.#throttle.spend(this.#throttle.work.answered(batch.count, keys, busyMs) - batch.costMs)
  }

  forget(keep: number): void {
    this.#underWay.splice(0, Math.max(0, this.#underWay.length - keep))
  }

  probe(sentAt: number, ms: number, now: number): void {
    if (this.#mode === 'scan') this.#probeOfScan(sentAt, ms, now)
    else this.#probeOfPause(sentAt, ms, now)
  }

  oldest(sentAt: number | undefined, now: number): void {
    this.#oldestSentAt = sentAt
    if (this.#mode === 'scan' && this.#isOverdue(now)) this.#stop('a probe is not answered', LATE, now - (this.#oldestSentAt ?? now), now)
  }

  block(why: string | undefined, now: number): void {
    if (why !== undefined && this.#mode === 'scan') this.#stop(why, `paused because ${why}`, 0, now)
    if (why !== undefined) this.#note = `paused: ${why}`
    this.#blocked = why
  }

  reading(cpu: CpuReading | undefined, evicted: number | undefined, now: number): void {
    const quietFrom = this.#quietFrom(now)
    if (cpu) {
      const used = this.cpu.add(cpu, quietFrom)
      if (used === undefined) this.#throttle.work.skip()
      else this.#throttle.work.measured(used * 1000)
    }
    this.#watchEvictions(evicted, quietFrom, now)
    if (this.#mode === 'scan') this.#watchCpu(now)
  }

  get #duty(): number {
    return this.#throttle.duty(this.cpu.othersShare ?? 0)
  }

  #probeOfScan(sentAt: number, ms: number, now: number): void {
    // Sent in the pause before, or long after the last batch: it tells of neither.
    if (sentAt < this.#modeSince || sentAt > this.#lastSentAt + MEASURE_MS) return
    this.latency.addScan(sentAt, ms, this.level)
    if (ms > this.latency.troubleMs) this.#stop(`a probe took ${formatLatency(ms)}`, LATE, ms, now)
    else this.#judge(now)
  }

  #probeOfPause(sentAt: number, ms: number, now: number): void {
    const quietFrom = this.#quietFrom(now)
    if (quietFrom === undefined || sentAt < quietFrom) {
      if (this.#lastSentAt > -Infinity) this.latency.addScan(sentAt, ms, undefined)
    } else if (sentAt <= this.#pauseUntil || this.#lastSentAt > -Infinity) {
      // After the baseline and before the first batch, the audit may ask other things.
      // A pause that follows something slow is likely to meet none: what it shows is not what is usual.
      this.latency.addQuiet(sentAt, ms, this.#mode === 'measure' ? this.#suspicion === undefined : this.#hold.calm)
      this.#hold.calm ||= this.latency.isCalm(this.#hold.targetMs)
    }
  }

  /** Since when the server has had nothing of ours to do; undefined while it has. */
  #quietFrom(now: number): number | undefined {
    if (this.#mode === 'scan') return undefined
    if (this.#underWay.length > 0 && now < this.#lastSentAt + LOST_MS) return undefined
    return Math.max(this.#modeSince, this.#lastDoneAt + SETTLE_MS)
  }

  #isOverdue(now: number): boolean {
    return this.#oldestSentAt !== undefined && now - this.#oldestSentAt > this.latency.troubleMs
  }

  /** Whether the reason of a pause is gone, or has turned out not to be ours; else the pause goes on. */
  #isOver(now: number): boolean {
    this.#pauseUntil = now + ASK_MS
    if (this.#blocked !== undefined) return false
    if (!this.#isOverdue(now) && (this.#mode === 'measure' || this.#hold.calm)) return true
    const quietFrom = this.#quietFrom(now)
    const answers = this.#oldestSentAt === undefined || now - this.#oldestSentAt < STOPPED_MS
    if (!answers || !this.latency.isKnown || quietFrom === undefined) return false
    if (now - quietFrom < (this.latency.isFalling ? STILL_FALLING_MS : NOT_OURS_MS)) return false
    this.#adopt(this.latency.pause)
    return true
  }

  #pause(mode: 'measure' | 'hold', now: number, ms: number): void {
    this.#mode = mode
    this.#modeSince = now
    this.#pauseUntil = now + ms
    this.#suspicion = undefined
    this.latency.beginPause()
  }

  #resume(now: number): void {
    if (this.#slowed) this.#without = [...this.#without, ...this.latency.pause].slice(-MOST_WITHOUT)
    // What was seen before an ordinary pause still tells of the present pace.
    if (this.#mode === 'hold' || this.#suspicion) this.latency.restart()
    if (this.#mode === 'hold') this.#streak.endedAt = now
    else if (this.#suspicion) this.#acquit(this.#suspicion)
    this.#review()
    this.#mode = 'scan'
    this.#modeSince = now
    this.#measureAt ??= now + MEASURE_EVERY_MS
    this.#note = undefined
    this.#throttle.restart(now)
  }

  /** Was the server as slow without us, in all pauses since it was first seen? Then the pace is what it was. */
  #acquit({ excess, targetMs, level }: Suspicion): void {
    const without = excessOf(this.#without, targetMs)
    if (!without.many || without.over / without.probes < (0.5 * excess.over) / excess.probes) return
    this.#throttle.restore(Math.max(level, this.#slowed?.level ?? 0))
    this.#grossAt = -Infinity
    this.#adopt(this.#without)
    this.#forgive()
  }

  #adopt(probes: readonly Probe[]): void {
    this.latency.adopt(probes)
    this.backOffs.note('went on at its former pace because latency was as high while the scan paused: the audit was not the cause')
  }

  /** What is learnt of others after a verdict can overturn it. */
  #review(): void {
    if (!this.#slowed || this.latency.excess(this.#slowed.probes).significant) return
    this.#throttle.restore(Math.max(this.level, this.#slowed.level))
    this.#forgive()
  }

  #forgive(): void {
    this.#slowed = undefined
    this.#without = []
  }

  #judge(now: number): void {
    const probes = this.latency.recent(now)
    const excess = this.latency.excess(probes)
    if (!excess.significant) {
      this.#throttle.grow((level) => this.latency.supports(level), now)
      if (this.#slowed && this.level >= this.#slowed.level) this.#forgive()
      return
    }
    const suspicion = { probes, excess, targetMs: this.latency.targetMs, level: this.level }
    const addedMs = this.latency.addedMs(probes)
    const pauseMs = this.#slowed ? LONG_SUSPECT_MS : SUSPECT_MS
    const why = `+${formatLatency(addedMs)} p99`
    this.#slowDown(isGross(excess), now)
    this.#slowed = this.#slowed && this.#slowed.level >= suspicion.level ? { ...this.#slowed, why } : { ...suspicion, why }
    this.backOffs.add('slowed down because p99 rose by more than the budget allows', addedMs)
    this.#pause('measure', now, pauseMs)
    this.#suspicion = suspicion
    this.#note = `paused: ${why}`
  }

  #slowDown(gross: boolean, now: number): void {
    if (!gross) this.#throttle.slowDown(0.7, now)
    else if (now - this.#grossAt < AGAIN_MS) this.#throttle.slowDown(0.4, now)
    else this.#throttle.ease(0.7)
    if (gross) this.#grossAt = now
  }

  /** Sends nothing until all is well, or it is seen that this does not help. Once is no sign that the pace is to blame. */
  #stop(note: string, reason: string, ms: number, now: number): void {
    this.#hold = { targetMs: this.latency.targetMs, calm: false }
    this.#streak.length = now - this.#streak.endedAt < STREAK_MS ? this.#streak.length + 1 : 0
    if (this.#streak.length > 0) this.#throttle.ease(0.5)
    this.backOffs.add(reason, ms)
    this.#pause('hold', now, Math.min(LONGEST_HOLD_MS, HOLD_MS * 2 ** this.#streak.length))
    this.#note = `paused: ${note}`
  }

  #watchEvictions(evicted: number | undefined, quietFrom: number | undefined, now: number): void {
    const before = this.#evicted
    this.#evicted = evicted
    if (evicted === undefined || before === undefined || evicted <= before) return
    if (quietFrom !== undefined) this.#evictsByItself = true
    else if (this.#mode === 'scan' && !this.#evictsByItself)
      this.#stop('the server evicts keys', 'paused because the server began to evict keys', 0, now)
  }

  /** More than we explain is used: a pause tells what others use now. */
  #watchCpu(now: number): void {
    const others = this.cpu.othersShare
    if (others === undefined || this.cpu.lastShare < others + this.#duty + CPU_RISE || now < this.#riseAt + CPU_RISE_EVERY_MS) return
    this.#riseAt = now
    this.cpu.doubt()
    this.#throttle.ease(0.7)
    this.backOffs.add('slowed down because the CPU use of the server rose by more than the audit explains')
    this.#pause('measure', now, SUSPECT_MS)
    this.#note = 'paused: the server has become busier'
  }
}

const LATE = 'paused because a probe took far longer than ever without the audit'

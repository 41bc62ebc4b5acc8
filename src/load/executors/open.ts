import { errorCount, type Lane } from '../lanes/lane.js'
import type { Arrivals } from './arrivals.js'
import type { PhaseOutcome, Sink } from './sink.js'
import { watch } from './watchdog.js'

/** An open loop: operations are due at times of their own, whatever the server does. */
export interface OpenPhase {
  /** Operations that one lane may have under way; lanes times pipeline can be under way in all. */
  pipeline: number
  /** Milliseconds, or undefined when `count` bounds the phase. */
  durationMs: number | undefined
  /** Arrivals in all. */
  count: number | undefined
  arrivals: Arrivals
}

/** setTimeout is late by 0.65 ms at the median: timers serve to within this distance, spinning on setImmediate for the rest. */
const SPIN_MS = 2

/** One lane with the send times of what it has under way, oldest first, in a ring. */
interface Slot {
  lane: Lane
  intended: Float64Array
  sent: Float64Array
  head: number
  pending: number
  errors: number
  lost: boolean
}

/**
 * Runs one phase and resolves when everything that was due is sent and answered, or given up after the drain time.
 *
 * An arrival that finds a lane free is sent at once. Otherwise it waits its turn, and its latency has been running since it was
 * due (no coordinated omission). Nothing that was due is dropped: what could not be sent even in the drain time is `unsent`.
 */
export function runOpen(lanes: readonly Lane[], phase: OpenPhase, sink: Sink, start: number, signal: AbortSignal): Promise<PhaseOutcome> {
  const outcome: PhaseOutcome = { operations: 0, unsent: 0, delayed: 0, unanswered: 0, elapsedMs: 0, losses: {} }
  const end = phase.durationMs === undefined ? Infinity : start + phase.durationMs
  const { latency, service, lateness, ownLateness, series } = sink
  const free = new FreeLanes(lanes.length, phase.pipeline)
  let remaining = phase.count ?? Infinity
  let due = start + phase.arrivals()
  /** When a lane last became free after all of them had been taken. */
  let freedAt = 0
  let underWay = 0
  let last = start
  let live = lanes.length

  const slots: Slot[] = lanes.map((lane) => ({
    lane,
    intended: new Float64Array(phase.pipeline),
    sent: new Float64Array(phase.pipeline),
    head: 0,
    pending: 0,
    errors: errorCount(lane),
    lost: false,
  }))

  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined
    let immediate: NodeJS.Immediate | undefined
    /** Every lane is taken: the next reply goes on with the schedule. */
    let waiting = false
    let settled = false

    const isDone = () => due >= end || remaining <= 0

    const settle = () => {
      if (settled) return
      settled = true
      unwatch()
      clearTimeout(timer)
      clearImmediate(immediate)
      signal.removeEventListener('abort', abandon)
      while (!isDone() && due <= performance.now()) {
        outcome.unsent++
        remaining--
        due = start + phase.arrivals()
      }
      const cutShort = signal.aborted || live === 0
      const until = cutShort ? performance.now() : end === Infinity ? last : end
      outcome.elapsedMs = Math.max(last, until) - start
      resolve(outcome)
    }

    /** Ends the phase with whatever is still under way counted as unanswered. */
    const abandon = () => {
      for (const slot of slots) {
        if (slot.lost || slot.pending === 0) continue
        outcome.unanswered += slot.pending
        slot.lost = true
        slot.lane.close()
      }
      settle()
    }

    /** Sends everything that is due and finds a free lane; what falls to one lane in a row goes out in one write. */
    const pump = () => {
      let batch: Slot | undefined
      let size = 0
      for (let now = performance.now(); due <= now && !isDone(); now = performance.now()) {
        const slot = slots[free.take()]
        if (slot === undefined) break
        if (slot.lost) continue
        if (slot !== batch) {
          if (batch) batch.lane.send(size)
          batch = slot
          size = 0
        }
        size++
        const at = (slot.head + slot.pending) % phase.pipeline
        slot.intended[at] = due
        slot.sent[at] = now
        slot.pending++
        underWay++
        lateness.record((now - due) * 1e6, 1)
        ownLateness.record((now - Math.max(due, freedAt)) * 1e6, 1)
        if (freedAt > due) outcome.delayed++
        remaining--
        due = start + phase.arrivals()
      }
      if (batch) batch.lane.send(size)
    }

    /** Keeps the schedule: sends what is due, then waits until the next arrival is. */
    const tick = () => {
      pump()
      if (settled) return
      if (isDone()) {
        if (underWay === 0) settle()
        return
      }
      const wait = due - performance.now()
      if (free.isEmpty) waiting = true
      else if (wait > SPIN_MS) timer = setTimeout(tick, wait - SPIN_MS)
      else immediate = setImmediate(tick)
    }

    slots.forEach((slot, index) => {
      const { lane } = slot
      lane.onReplies = (count, now) => {
        let errors = 0
        if (lane.errors.size > 0) {
          const seen = errorCount(lane)
          errors = seen - slot.errors
          slot.errors = seen
        }
        if (free.isEmpty) freedAt = now
        for (let i = 0; i < count; i++) {
          const ns = (now - slot.intended[slot.head]!) * 1e6
          latency.record(ns, 1)
          service.record((now - slot.sent[slot.head]!) * 1e6, 1)
          series.record(now, ns, 1, i === 0 ? errors : 0)
          slot.head = (slot.head + 1) % phase.pipeline
          free.give(index)
        }
        slot.pending -= count
        underWay -= count
        outcome.operations += count
        last = now
        if (waiting) {
          waiting = false
          tick()
        } else if (underWay === 0 && isDone()) {
          settle()
        }
      }
      lane.onLost = (error) => {
        if (slot.lost) return
        slot.lost = true
        live--
        outcome.losses[error.message] = (outcome.losses[error.message] ?? 0) + 1
        outcome.unanswered += slot.pending
        underWay -= slot.pending
        slot.pending = 0
        if (live === 0 || (underWay === 0 && isDone())) settle()
      }
    })

    const unwatch = watch(end, () => last, abandon)
    if (lanes.length === 0 || signal.aborted) {
      settle()
      return
    }
    signal.addEventListener('abort', abandon, { once: true })
    tick()
  })
}

/** Which lanes have room, least recently used first; each lane stands in it as often as it has room. */
class FreeLanes {
  readonly #ring: Uint32Array
  #head = 0
  #size: number

  constructor(lanes: number, room: number) {
    this.#size = lanes * room
    this.#ring = new Uint32Array(this.#size)
    for (let i = 0; i < this.#size; i++) this.#ring[i] = i % lanes
  }

  get isEmpty(): boolean {
    return this.#size === 0
  }

  /** The next lane with room, or -1. */
  take(): number {
    if (this.#size === 0) return -1
    const lane = this.#ring[this.#head]!
    this.#head = (this.#head + 1) % this.#ring.length
    this.#size--
    return lane
  }

  give(lane: number): void {
    this.#ring[(this.#head + this.#size) % this.#ring.length] = lane
    this.#size++
  }
}

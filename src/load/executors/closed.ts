import { errorCount, type Lane } from '../lanes/lane.js'
import type { PhaseOutcome, Sink } from './sink.js'
import { watch } from './watchdog.js'

/** A closed loop: every lane sends its next batch when the last one is answered. */
export interface ClosedPhase {
  /** Requests of one batch. */
  pipeline: number
  /** Milliseconds, or undefined when `count` bounds the phase. */
  durationMs: number | undefined
  /** Operations of all lanes together; each lane gets a fixed share, so that the same seed sends the same bytes. */
  count: number | undefined
}

/**
 * Runs one phase and resolves when the last reply is in (or given up). What was sent before the end is recorded even when its
 * reply comes after it: leaving those out would hide the slowest.
 */
export function runClosed(
  lanes: readonly Lane[],
  phase: ClosedPhase,
  sink: Sink,
  start: number,
  signal: AbortSignal,
): Promise<PhaseOutcome> {
  const end = phase.durationMs === undefined ? Infinity : start + phase.durationMs
  const outcome: PhaseOutcome = { operations: 0, unsent: 0, delayed: 0, unanswered: 0, elapsedMs: 0, losses: {} }
  const { latency, series } = sink
  let last = start
  let active = lanes.length
  let stopped = signal.aborted

  return new Promise((resolve) => {
    const drivers = lanes.map((lane, index) => ({
      lane,
      pending: 0,
      sentAt: 0,
      quota: share(phase.count, lanes.length, index),
      errors: errorCount(lane),
      done: false,
    }))
    type Driver = (typeof drivers)[number]

    const finish = (driver: Driver) => {
      if (driver.done) return
      driver.done = true
      if (--active > 0) return
      unwatch()
      signal.removeEventListener('abort', stop)
      outcome.elapsedMs = Math.max(last, Math.min(end, performance.now())) - start
      resolve(outcome)
    }

    const giveUp = () => {
      for (const driver of drivers) {
        if (driver.done) continue
        outcome.unanswered += driver.pending
        driver.lane.close()
        finish(driver)
      }
    }

    const stop = () => {
      stopped = true
      giveUp()
    }

    const next = (driver: Driver, now: number) => {
      if (now >= end || driver.quota === 0 || stopped) {
        finish(driver)
        return
      }
      const count = Math.min(phase.pipeline, driver.quota)
      driver.quota -= count
      driver.pending = count
      driver.sentAt = now
      driver.lane.send(count)
    }

    for (const driver of drivers) {
      const { lane } = driver
      lane.onReplies = (count, now) => {
        const ns = (now - driver.sentAt) * 1e6
        let errors = 0
        if (lane.errors.size > 0) {
          const seen = errorCount(lane)
          errors = seen - driver.errors
          driver.errors = seen
        }
        latency.record(ns, count)
        series.record(now, ns, count, errors)
        outcome.operations += count
        last = now
        driver.pending -= count
        if (driver.pending === 0) next(driver, now)
      }
      lane.onLost = (error) => {
        if (driver.done) return
        outcome.losses[error.message] = (outcome.losses[error.message] ?? 0) + 1
        outcome.unanswered += driver.pending
        finish(driver)
      }
    }

    const unwatch = watch(end, () => last, giveUp)
    if (lanes.length === 0) {
      unwatch()
      resolve(outcome)
      return
    }
    signal.addEventListener('abort', stop, { once: true })
    for (const driver of drivers) next(driver, performance.now())
  })
}

/** This lane's part of a count, or Infinity when there is none. */
function share(count: number | undefined, lanes: number, index: number): number {
  if (count === undefined) return Infinity
  return Math.floor(count / lanes) + (index < count % lanes ? 1 : 0)
}

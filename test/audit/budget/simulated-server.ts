import type { Budget } from '#redline/audit/budget/budget.js'
import { Controller } from '#redline/audit/budget/controller.js'
import { Rng } from '#redline/core/rng.js'

/** A server as a Controller sees it, in a time of its own: how it does without the audit, and what a batch does to it. */
export interface Server {
  /** What a PING takes, in milliseconds, apart from what the audit adds. */
  latencyMs(now: number, rng: Rng): number
  /** Share of the core that others use. */
  othersShare(now: number): number
  /** Server time of a key, in milliseconds. */
  keyMs(now: number): number
  roundTripMs: number
  /** How much longer a bystander waits than the batch takes: caches, queues, other cores. */
  amplified(now: number): number
  /** Milliseconds for which a batch slows everything down after it is answered too, and by how much: a CPU quota that is used up. */
  aftermath?(now: number): { forMs: number; ms: number } | undefined
  /** Until when it answers nothing, where it has stopped at this moment. */
  stoppedUntil?(now: number): number | undefined
  /** Keys that a place of the table holds. */
  yield?: number
  /** Whether INFO tells the CPU. */
  tellsCpu?: boolean
  evicted?(now: number): number
}

export const IDLE: Server = {
  latencyMs: (_, rng) => 0.1 + 0.05 * rng.float(),
  othersShare: () => 0.02,
  keyMs: () => 0.0045,
  roundTripMs: 0.1,
  amplified: () => 1,
}

/** What was seen in one step of 100 ms. */
export interface Step {
  at: number
  keys: number
  busyMs: number
  level: number
  probes: { ms: number; added: number }[]
}

interface Batch {
  sentAt: number
  /** When the server works on it. */
  from: number
  until: number
  keys: number
}

/** Runs an audit of `ms` against the simulated server, beginning with the baseline. */
export function simulate(
  server: Server,
  budget: Budget,
  ms: number,
  seed: number,
  create = (of: Budget, now: number) => new Controller(of, now),
): { steps: Step[]; controller: Controller } {
  const rng = new Rng(seed)
  const controller = create(budget, 0)
  const steps: Step[] = []
  let batch: Batch | undefined
  let last: Batch = { sentAt: 0, from: 0, until: 0, keys: 0 }
  let askAt = 0
  let probeAt = 0
  let readAt = 0
  let auditMs = 0
  let othersMs = 0
  const waiting: { sentAt: number; ms: number; added: number }[] = []

  for (let now = 0; now < ms; now += 0.05) {
    if (now >= steps.length * 100) steps.push({ at: now, keys: 0, busyMs: 0, level: controller.level, probes: [] })
    const step = steps.at(-1)!
    othersMs += server.othersShare(now) * 0.05
    if (batch && now >= batch.until + server.roundTripMs) {
      controller.done(batch.keys, now - batch.sentAt, now)
      auditMs += batch.until - batch.from
      step.keys += batch.keys
      step.busyMs += batch.until - batch.from
      last = batch
      batch = undefined
      askAt = now
    }
    if (!batch && now >= askAt) {
      const wait = controller.waitMs(now)
      // A timer of Node is late by about a millisecond.
      if (wait > 0) askAt = now + Math.min(25, Math.ceil(wait) + 0.2 * rng.float())
      else {
        const count = controller.batch
        controller.sent(count, now)
        const keys = Math.round(count * (server.yield ?? 1))
        const from = server.stoppedUntil?.(now) ?? now
        batch = { sentAt: now, from, until: from + keys * server.keyMs(now) + 0.0001 * count + 0.02, keys }
      }
    }
    if (now >= probeAt) {
      probeAt = now + 2.5 + 5 * rng.float()
      const stopped = (server.stoppedUntil?.(now) ?? now) - now
      const busy = batch ?? last
      const left = now >= busy.from && now < busy.until ? busy.until - now : 0
      const after = server.aftermath?.(now)
      const lingers = after && now >= busy.until && now < busy.until + after.forMs ? after.ms : 0
      const added = stopped > 0 ? 0 : left * server.amplified(now) + lingers
      waiting.push({ sentAt: now, ms: server.latencyMs(now, rng) + stopped + added, added })
    }
    for (let i = 0; i < waiting.length; i++) {
      const probe = waiting[i]!
      if (now < probe.sentAt + probe.ms) continue
      waiting.splice(i--, 1)
      step.probes.push({ ms: probe.ms, added: probe.added })
      controller.probe(probe.sentAt, probe.ms, now)
    }
    if (now >= readAt) {
      readAt = now + 100
      const cpu = server.tellsCpu === false ? undefined : { at: now, seconds: (auditMs + othersMs) / 1000 }
      if (server.stoppedUntil?.(now) === undefined) controller.reading(cpu, server.evicted?.(now), now)
      controller.oldest(waiting[0]?.sentAt, now)
    }
  }
  return { steps, controller }
}

/** Keys per second between two moments, in milliseconds. */
export function keysPerSecond(steps: readonly Step[], from: number, until: number): number {
  const chosen = steps.filter(({ at }) => at >= from && at < until)
  return chosen.reduce((sum, { keys }) => sum + keys, 0) / ((until - from) / 1000)
}

/** Share of the core that the audit used between two moments. */
export function shareUsed(steps: readonly Step[], from: number, until: number): number {
  return steps.filter(({ at }) => at >= from && at < until).reduce((sum, { busyMs }) => sum + busyMs, 0) / (until - from)
}

/** By how much the audit raised the p99 of the probes between two moments. */
export function addedP99(steps: readonly Step[], from: number, until: number): number {
  const probes = steps.filter(({ at }) => at >= from && at < until).flatMap((step) => step.probes)
  return p99(probes.map(({ ms }) => ms)) - p99(probes.map(({ ms, added }) => ms - added))
}

function p99(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0
}

/** Share of the probes between two moments to which the audit added more than `ms`. */
export function overBudget(steps: readonly Step[], ms: number, from: number, until: number): number {
  const probes = steps.filter(({ at }) => at >= from && at < until).flatMap((step) => step.probes)
  return probes.filter(({ added }) => added > ms).length / Math.max(1, probes.length)
}

/** Work of others that makes everything slow for a while, at times of its own: from, until and by how many milliseconds. */
export interface Burst {
  from: number
  until: number
  ms: number
}

/** Bursts from `from` to `until`, on average `everyMs` apart, of 30 to `longestMs`, that add up to 20 ms. */
export function burstsOf(
  seed: number,
  { from, until, everyMs, longestMs }: { from: number; until: number; everyMs: number; longestMs: number },
) {
  const rng = new Rng(seed)
  const bursts: Burst[] = []
  for (let at = from; at < until; at += everyMs * (0.3 + 1.4 * rng.float())) {
    bursts.push({ from: at, until: at + 30 + (longestMs - 30) * rng.float(), ms: 3 + 17 * rng.float() })
  }
  return bursts
}

/** What a probe takes beside these bursts, on a server that is idle otherwise. */
export function latencyBeside(bursts: readonly Burst[]): Server['latencyMs'] {
  return (now, rng) => {
    const burst = bursts.find(({ from, until }) => now >= from && now < until)
    return 0.1 + 0.05 * rng.float() + (burst ? burst.ms * rng.float() : 0)
  }
}

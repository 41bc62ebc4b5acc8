import { readFileSync } from 'node:fs'
import { type IntervalHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks'

/** How one generator thread fared while it measured. */
export interface ThreadHealth {
  /** CPU time of the thread per second; null where the system doesn't tell (other than Linux). */
  cpuShare: number | null
  /** Time per second in which the thread was ready to run and had no core; null where the system doesn't tell. */
  runQueueShare: number | null
  /** Share of the time in which the event loop was not idle. */
  loopUtilization: number
  /** Delay of the event loop beyond its timer's interval, in milliseconds. */
  loopDelayP99Ms: number
  loopDelayMaxMs: number
}

/** Nanoseconds that a thread ran, and that it was ready and waited for a core. */
export interface SchedulerTimes {
  ran: number
  waited: number
}

/**
 * The times of the calling thread, or of the main thread of another process (Documentation/scheduler/sched-stats.rst of Linux);
 * undefined where the system doesn't tell.
 */
export function schedulerTimes(pid?: number): SchedulerTimes | undefined {
  try {
    const path = pid === undefined ? '/proc/thread-self/schedstat' : `/proc/${pid}/task/${pid}/schedstat`
    const [ran, waited] = readFileSync(path, 'latin1').split(' ').map(Number)
    return { ran: ran!, waited: waited! }
  } catch {
    return undefined
  }
}

/** Resolution of the loop delay's timer: each tick costs a wake-up. */
const LOOP_DELAY_RESOLUTION_MS = 10

/** Watches the calling thread from construction to `stop`. */
export class HealthMonitor {
  readonly #startedAt = performance.now()
  readonly #scheduler = schedulerTimes()
  readonly #loop = performance.eventLoopUtilization()
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: LOOP_DELAY_RESOLUTION_MS })

  constructor() {
    this.#delay.enable()
  }

  stop(): ThreadHealth {
    this.#delay.disable()
    const wallNs = (performance.now() - this.#startedAt) * 1e6
    const now = schedulerTimes()
    const share = (name: 'ran' | 'waited') => (now && this.#scheduler ? (now[name] - this.#scheduler[name]) / wallNs : null)
    const beyond = (ns: number) => Math.max(0, ns / 1e6 - LOOP_DELAY_RESOLUTION_MS)
    const empty = this.#delay.count === 0
    return {
      cpuShare: share('ran'),
      runQueueShare: share('waited'),
      loopUtilization: performance.eventLoopUtilization(this.#loop).utilization,
      loopDelayP99Ms: empty ? 0 : beyond(this.#delay.percentile(99)),
      loopDelayMaxMs: empty ? 0 : beyond(this.#delay.max),
    }
  }
}

/** Jiffies of all cores together: all, those without work, and those that the hypervisor took. */
export interface MachineTimes {
  total: number
  idle: number
  steal: number
}

/** Reads /proc/stat (proc_stat(5)); undefined where the system doesn't tell. */
export function machineTimes(): MachineTimes | undefined {
  try {
    const [first] = readFileSync('/proc/stat', 'latin1').split('\n')
    // user nice system idle iowait irq softirq steal; guest times are part of user.
    const times = first!.trim().split(/\s+/).slice(1, 9).map(Number)
    return { total: times.reduce((sum, time) => sum + time, 0), idle: times[3]! + times[4]!, steal: times[7] ?? 0 }
  } catch {
    return undefined
  }
}

import { setImmediate as yieldToLoop, setTimeout as sleep } from 'node:timers/promises'
import { HealthMonitor, machineTimes, type MachineTimes } from '../load/health.js'
import type { MachineReading } from '../schema/doctor.js'

const IDLE_MS = 1000
const SLICE_MS = 50
/** Shorter stretches are the machine's ordinary interrupts. */
const HICCUP_MS = 0.1
const TIMER_READINGS = 200_000

/**
 * Watches this machine for `busyMs` and a second: how fine its clock is, how late the timers of an idle event loop are, and what keeps a thread that never waits from
 * getting on (as jHiccup does). Throws what `signal` is aborted with.
 */
export async function examineMachine(busyMs: number, signal: AbortSignal): Promise<MachineReading> {
  const begun = performance.now()
  const timer = readTimer()
  const loop = new HealthMonitor()
  await sleep(IDLE_MS, undefined, { signal })
  const { loopDelayP99Ms, loopDelayMaxMs } = loop.stop()
  const busy = await spin(busyMs, signal)
  return { seconds: (performance.now() - begun) / 1000, ...timer, loopDelayP99Ms, loopDelayMaxMs, ...busy }
}

function readTimer(): Pick<MachineReading, 'timerStepNs' | 'timerCostNs'> {
  const begun = process.hrtime.bigint()
  let last = performance.now()
  let step = Infinity
  for (let i = 0; i < TIMER_READINGS; i++) {
    const now = performance.now()
    if (now > last) step = Math.min(step, now - last)
    last = now
  }
  return { timerStepNs: Math.round(step * 1e6), timerCostNs: Number(process.hrtime.bigint() - begun) / TIMER_READINGS }
}

/** Computes for so long, and notes when it could not. */
async function spin(
  busyMs: number,
  signal: AbortSignal,
): Promise<Omit<MachineReading, 'seconds' | 'timerStepNs' | 'timerCostNs' | 'loopDelayP99Ms' | 'loopDelayMaxMs'>> {
  const machineBefore = machineTimes()
  const cpuBefore = process.cpuUsage()
  const health = new HealthMonitor()
  let [spun, lost, longest] = [0, 0, 0]
  while (spun < busyMs) {
    const slice = spinSlice()
    spun += slice.spun
    lost += slice.lost
    longest = Math.max(longest, slice.longest)
    signal.throwIfAborted()
    await yieldToLoop()
  }
  const { runQueueShare } = health.stop()
  const { user, system } = process.cpuUsage(cpuBefore)
  return {
    hiccupShare: lost / spun,
    hiccupMaxMs: longest,
    waitedShare: runQueueShare,
    ...machineShares(machineBefore, machineTimes(), (user + system) / 1e6),
  }
}

function spinSlice(): { spun: number; lost: number; longest: number } {
  const begun = performance.now()
  let [last, lost, longest] = [begun, 0, 0]
  while (last - begun < SLICE_MS) {
    const now = performance.now()
    const gap = now - last
    if (gap >= HICCUP_MS) lost += gap
    if (gap > longest) longest = gap
    last = now
  }
  return { spun: last - begun, lost, longest }
}

/** What of the machine's time, all cores together, the hypervisor took and other processes used. */
export function machineShares(
  before: MachineTimes | undefined,
  after: MachineTimes | undefined,
  ownSeconds: number,
): Pick<MachineReading, 'stealShare' | 'othersShare'> {
  if (!before || !after || after.total === before.total) return { stealShare: null, othersShare: null }
  const total = after.total - before.total
  const steal = after.steal - before.steal
  const busy = total - (after.idle - before.idle) - steal
  return { stealShare: steal / total, othersShare: Math.max(0, busy - ownSeconds * JIFFIES_PER_SECOND) / total }
}

/** USER_HZ, which Linux shows times in on all machines that Node runs on (time(7)). */
const JIFFIES_PER_SECOND = 100

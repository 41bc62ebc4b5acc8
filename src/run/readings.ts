import { type MachineTimes, machineTimes, type SchedulerTimes, schedulerTimes } from '../load/health.js'
import { deltaOf, type Snapshot, takeSnapshot } from '../redis/snapshot.js'
import type { ServerDelta } from '../schema/result.js'
import type { Session } from './session.js'

/** Times of the machine and of the server's process at one moment. */
interface Times {
  /** performance.now() */
  atMs: number
  machine: MachineTimes | undefined
  /** Of a server that runs on this machine because we started it. */
  process: (SchedulerTimes & { pid: number }) | undefined
}

/** What is read before and after the measured part. */
export interface Reading extends Times {
  counters: Snapshot
}

/** Reads the server's counters, and then the times, which the measured part follows at once. */
export async function takeReading(session: Session): Promise<Reading> {
  const counters = await takeSnapshot(session.control)
  return { counters, ...takeTimes(session) }
}

/** Reads the times alone, at the end of the measured part. */
export function takeTimes({ server }: Session): Times {
  const pid = server?.pid
  const times = pid === undefined ? undefined : schedulerTimes(pid)
  return { atMs: performance.now(), machine: machineTimes(), process: pid === undefined || !times ? undefined : { ...times, pid } }
}

/** The server's side of a round. */
export function serverDelta(before: Reading, after: Reading, seconds: number): ServerDelta {
  return { ...deltaOf(before.counters, after.counters, seconds), runQueueShare: waitedShare(before.process, after.process, seconds) }
}

function waitedShare(before: Times['process'], after: Times['process'], seconds: number): number | null {
  // A server that was started again is another process.
  return before && after && before.pid === after.pid ? (after.waited - before.waited) / (seconds * 1e9) : null
}

/** Share of the machine's time that the hypervisor took. */
export function stolen({ machine: before }: Times, { machine: after }: Times): number | null {
  if (!before || !after || after.total === before.total) return null
  return (after.steal - before.steal) / (after.total - before.total)
}

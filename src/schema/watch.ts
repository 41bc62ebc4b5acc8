/*
 * What `redline audit --watch` sees at each tick. Names are text as `safeText` writes it, so that no reader can be hurt by them.
 */

/** A server at one moment, and what it did since the moment before. */
export interface WatchSample {
  /** Unix time, in milliseconds. */
  at: number
  /** What a reader has to know before comparing with the sample before: a restart, a reset of the statistics, a new connection. */
  notes: string[]
  /** Why there is nothing to tell: the server could not be asked. */
  unreachable: string | undefined
  /** What it has at this moment; undefined when it could not be asked. */
  state: WatchState | undefined
  /** What it did per second since the sample before; undefined at first, after a gap and after a reset. */
  rates: WatchRates | undefined
}

export interface WatchState {
  /** `redis 7.0.15, master` */
  server: string
  usedMemoryBytes: number
  /** 0 when there is no limit. */
  maxmemoryBytes: number
  /** mem_fragmentation_ratio; undefined where it is not told. */
  fragmentation: number | undefined
  clients: number
  blockedClients: number
  /**
   * Of a replica, since its master was last heard; of a master, since its slowest replica was. Undefined where there is no
   * replication, Infinity where the link is down.
   */
  replicationLagSeconds: number | undefined
}

export interface WatchRates {
  /** The time over which they were counted. */
  seconds: number
  evicted: number
  expired: number
  hits: number
  misses: number
  /** Hits among hits and misses; undefined when nothing was looked up. */
  hitRate: number | undefined
  /** Commands of everyone but this watch. */
  operations: number
  /** CPU of the thread that runs commands, as a share of one core. */
  cpuShare: number
  /** The commands with the most calls, and those that took the most time; each in descending order. */
  topByCalls: WatchCommand[]
  topByTime: WatchCommand[]
}

export interface WatchCommand {
  /** As INFO commandstats names it: `get`, `config|get`. */
  command: string
  callsPerSecond: number
  /** Time spent in it, as a share of one core. */
  timeShare: number
  /** Of all calls since the server's statistics began, in milliseconds (INFO latencystats, 7.0); undefined where it is not told. */
  latency: { p50Ms: number; p99Ms: number } | undefined
}

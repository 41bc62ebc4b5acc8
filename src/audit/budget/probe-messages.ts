import type { Address } from '../../wire/address.js'
import type { Traffic } from '../../wire/traffic.js'

/*
 * What the main thread and the probe thread say to each other. A server has a number; times are systemClock.now(), which all threads
 * of a process share.
 */

/** To the probe thread. */
export type ProbeOrder =
  | {
      kind: 'open'
      server: number
      address: Address
      options: { protocol: 2 | 3; timeoutMs: number; name: string | undefined }
      /** Whether PING is sent; the counters are read in any case. */
      pings: boolean
    }
  /** Reads the counters once more and ends the connection. */
  | { kind: 'close'; server: number }

/** From the probe thread. */
export type ProbeNews =
  | { kind: 'opened'; server: number }
  | { kind: 'failed'; server: number; message: string; hint: string | undefined }
  /** Probes since the last report. */
  | {
      kind: 'probes'
      server: number
      /** When each was sent, and how many milliseconds it took, in turn. */
      answered: Float64Array
      /** When the oldest was sent that is not answered. */
      oldestSentAt: number | undefined
      /** Why the server does no work: the code of an error such as LOADING, or that it can't be reached. */
      blocked: string | undefined
      /** All that the probe has sent and got. */
      traffic: Traffic
    }
  /** CPU time of the thread that runs commands, and keys evicted so far; undefined where the server does not tell. */
  | { kind: 'counters'; server: number; at: number; cpuSeconds: number | undefined; evicted: number | undefined }
  /** The last news of a server that was to be closed. */
  | { kind: 'closed'; server: number }

import type { OnProgress } from '../core/events.js'
import type { AuditResult } from '../schema/audit.js'
import type { Address } from '../wire/address.js'
import type { Budget, Limits } from './budget/budget.js'
import type { Checkpoint } from './checkpoint.js'
import type { Policy } from './policy/policy.js'

/** What an audit of a server does. */
export interface AuditOptions {
  address: Address
  /** The rules to ask, and the keyspace contracts. */
  policy: Policy
  /** Databases to read; undefined: all that have keys, or the one that the address selects when that is not 0. */
  databases: readonly number[] | undefined
  /** Keys of the sample; undefined: all keys are read. */
  sample: number | undefined
  seed: number
  budget: Budget | 'none'
  limits: Limits
  /** Read keys from a replica where one can give them. */
  preferReplica: boolean
  /** Ask for lengths of collections also where that makes their idle time start anew. */
  mayTouch: boolean
  /** Which of the primaries that a sentinel watches. */
  master: string | undefined
  expectedRole: 'master' | 'replica' | undefined
  /** Show hashes in place of the names of keys. */
  redact: boolean
  /** An earlier audit of the same server. */
  since: AuditResult | undefined
  /** Where an audit that ended early stopped. */
  resume: Checkpoint | undefined
  /** Of redline. */
  version: string
  /** Ends the audit early; what was read by then is reported. */
  signal: AbortSignal
  /** For connecting, and for each reply. */
  timeoutMs: number
  /** Waiting times before each attempt to connect again after a connection was lost, in milliseconds; those of `scanKeyspace` by default. */
  backoffMs?: readonly number[]
  onProgress: OnProgress
}

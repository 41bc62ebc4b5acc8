import { type Address, hostPort } from '../../wire/address.js'
import type { Reading, SentinelFacts } from '../facts.js'

/** The servers behind an address, and which of them are read. */
export interface Deployment {
  topology: 'standalone' | 'cluster' | 'sentinel'
  shards: Shard[]
  /** Every server that was found, in the order of the shards, primaries first; sentinels last. */
  nodes: DeploymentNode[]
  /** What a user should know: what is read in the place of what, and what could not be reached. */
  notes: string[]
  /** Known when the address is that of a sentinel. */
  sentinel: Reading<SentinelFacts>
}

/** Servers that hold the same keys. */
export interface Shard {
  /** Undefined when it is not known, or could not be reached. */
  primary: Address | undefined
  /** Whose keys are read; undefined when none of them can be reached. */
  scan: Address | undefined
  /** Of what is read. */
  role: 'master' | 'replica'
  /** How far what is read is behind; null for a primary, and where it is not known. */
  lagSeconds: number | null
  /** Why it is this one; undefined when there is nothing to say. */
  note: string | undefined
}

export interface DeploymentNode {
  address: Address
  /** `10.0.0.1:6379`, as facts and findings call it. */
  name: string
  role: 'master' | 'replica' | 'sentinel'
  /** Index of its shard; undefined for sentinels. */
  shard: number | undefined
  /** Why it could not be reached; undefined when it was. */
  unreachable: string | undefined
}

/** The name of a server: host and port, or the path of its socket. */
export function nodeName(address: Address): string {
  return address.transport === 'unix' ? (address.path ?? '') : hostPort(address.host, address.port)
}

/**
 * Another server of the same deployment: the same credentials and encryption at another host and port. A server that shares the machine
 * of one that was called by its name knows it by a loopback address, which means another machine here.
 */
export function peerOf(known: Address, host: string, port: number): Address {
  const there = isLoopback(host) && known.transport !== 'unix' && !isLoopback(known.host) ? known.host : host
  const transport = known.transport === 'unix' ? 'tcp' : known.transport
  return { ...known, transport, path: undefined, host: there, port }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

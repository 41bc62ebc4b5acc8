import type { Deployment } from '#redline/audit/topology/deployment.js'
import { discover } from '#redline/audit/topology/discover.js'
import { parseAddress } from '#redline/wire/address.js'
import type { TestServer } from '../../support/servers.js'

export const { signal } = new AbortController()

/** As facts call a server. */
export function nameOf(server: TestServer): string {
  return `${server.host}:${server.port}`
}

/** What is behind the address of a server. */
export function found(server: { url: string }, options: { preferReplica?: boolean; master?: string } = {}): Promise<Deployment> {
  return discover(parseAddress(server.url, {}), { signal, timeoutMs: 2000, ...options })
}

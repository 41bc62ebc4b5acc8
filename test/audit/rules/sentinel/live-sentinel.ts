import type { SentinelFacts } from '#redline/audit/facts.js'
import { availableEngines, type TestServer } from '../../../support/servers.js'
import { found } from '../../topology/find.js'

/** The oldest and the newest engine at hand: sentinels take seconds to know each other. */
export function oldAndNew(): string[] {
  const engines = availableEngines()
  return [...new Set([engines[0]!, engines.at(-1)!])]
}

/** What an audit learns from a sentinel. */
export async function sentinelOf(server: TestServer): Promise<{ sentinel: SentinelFacts }> {
  const { sentinel } = await found(server)
  if (!sentinel.known) throw new Error(sentinel.why)
  return { sentinel: sentinel.value }
}

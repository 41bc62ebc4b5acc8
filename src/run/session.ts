import type { OnProgress } from '../core/events.js'
import { quote } from '../core/text.js'
import type { Target } from '../schema/result.js'
import { newRunId, prefixOf } from '../redis/manifest.js'
import { readConfig, readServer, type ServerFacts } from '../redis/server-facts.js'
import { acquireServer } from '../server/acquire.js'
import type { RunningServer } from '../server/provider.js'
import { type Address, displayAddress, parseAddress } from '../wire/address.js'
import { Client } from '../wire/client.js'

/** Configuration that changes what a measurement means; the rest of CONFIG is nobody's business. */
const CONFIG_THAT_MATTERS = [
  ...['maxmemory', 'maxmemory-policy', 'io-threads', 'appendonly', 'appendfsync', 'save', 'hz', 'lazyfree-lazy-user-del', 'activedefrag'],
  ...['hash-max-ziplist-entries', 'hash-max-ziplist-value', 'hash-max-listpack-entries', 'hash-max-listpack-value'],
  ...['zset-max-ziplist-entries', 'zset-max-listpack-entries', 'set-max-intset-entries', 'set-max-listpack-entries'],
  ...['list-max-ziplist-size', 'list-max-listpack-size', 'stream-node-max-bytes'],
]

export interface SessionContext {
  env: NodeJS.ProcessEnv
  signal: AbortSignal
  onProgress: OnProgress
  /** Time for connecting, and for a reply on the control connection. */
  timeoutMs: number
}

/** A server that scenarios run against, and the connection for everything that is not load. */
export interface Session {
  address: Address
  control: Client
  target: Target
  facts: ServerFacts
  /** Id of the run on a server that is not ours; names its keys. */
  runId: string
  /** The server when redline started it. */
  server: RunningServer | undefined
  close(): Promise<void>
}

/** Starts a server for this run and connects to it. */
export async function openOwn(engine: string | undefined, config: Record<string, string>, context: SessionContext): Promise<Session> {
  const server = await acquireServer({ ...(engine === undefined ? {} : { engine }), config }, context)
  try {
    const connected = await connect(parseAddress(server.url, {}), context)
    const target = { ...connected.target, origin: server.origin, ours: true, prefix: '' }
    return {
      ...connected,
      target,
      runId: '',
      server,
      async close() {
        connected.control.close()
        await server.stop()
      },
    }
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** Connects to a server that is not ours. Every key of the run will carry the session's prefix. */
export async function openForeign(address: Address, context: SessionContext): Promise<Session> {
  const connected = await connect(address, context)
  const runId = newRunId()
  const target = { ...connected.target, origin: 'given', ours: false, prefix: prefixOf(runId) }
  return {
    ...connected,
    target,
    runId,
    server: undefined,
    close() {
      connected.control.close()
      return Promise.resolve()
    },
  }
}

async function connect(
  address: Address,
  context: SessionContext,
): Promise<Pick<Session, 'address' | 'control' | 'facts'> & { target: Omit<Target, 'origin' | 'ours' | 'prefix'> }> {
  const { signal, timeoutMs, onProgress } = context
  // Blocking work of a scenario, a slow dataset command say, may hold the control connection for a while.
  const control = await Client.open(address, { protocol: 2, timeoutMs, signal, replyTimeoutMs: Math.max(timeoutMs, 30_000) })
  try {
    const facts = await readServer(control)
    const { values, refused } = await readConfig(control, CONFIG_THAT_MATTERS)
    if (refused) onProgress({ kind: 'warning', message: `${quote(displayAddress(address))} does not let its configuration be read` })
    const { engine, version, topology } = facts
    const target = { address: displayAddress(address), engine, version, topology, transport: address.transport, config: values }
    return { address, control, facts, target }
  } catch (error) {
    control.close()
    throw error
  }
}

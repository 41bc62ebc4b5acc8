import { SafetyError } from '../core/errors.js'
import type { OnProgress } from '../core/events.js'
import { quote } from '../core/text.js'
import type { Target } from '../schema/result.js'
import { newRunId, prefixOf } from '../redis/manifest.js'
import { readConfig, readServer, type ServerFacts } from '../redis/server-facts.js'
import { acquireServer, PROVIDERS } from '../server/acquire.js'
import type { Provider, RunningServer } from '../server/provider.js'
import { commandProvider, type EngineCommands } from '../server/providers/command.js'
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
  /** How servers of these engines are started, before every other way is tried. */
  engineCommands?: EngineCommands
}

/** What the two kinds of sessions differ in. */
interface Origin {
  origin: string
  prefix: string
  /** Id of the run on a server that is not ours; names its keys. */
  runId: string
  /** The server when redline started it. */
  server: RunningServer | undefined
}

/** A server that scenarios run against, and the connection for everything that is not load. */
export class Session {
  readonly address: Address
  readonly target: Target
  readonly facts: ServerFacts
  readonly runId: string
  readonly server: RunningServer | undefined
  readonly #context: SessionContext
  #control: Client
  /** The control connection ended with a server that was killed. */
  #cut = false

  private constructor(address: Address, connected: Connected, { origin, prefix, runId, server }: Origin, context: SessionContext) {
    const { control, facts, config } = connected
    const { engine, version, topology } = facts
    const ours = server !== undefined
    this.address = address
    this.target = {
      address: displayAddress(address),
      origin,
      engine,
      version,
      topology,
      transport: address.transport,
      ours,
      prefix,
      config,
    }
    this.facts = facts
    this.runId = runId
    this.server = server
    this.#context = context
    this.#control = control
  }

  /** Starts a server for this run and connects to it. */
  static async openOwn(engine: string | undefined, config: Record<string, string>, context: SessionContext): Promise<Session> {
    const server = await acquireServer({ ...(engine === undefined ? {} : { engine }), config }, context, providersFor(context))
    try {
      const address = parseAddress(server.url, {})
      const connected = await connect(address, context)
      return new Session(address, connected, { origin: server.origin, prefix: '', runId: '', server }, context)
    } catch (error) {
      await server.stop()
      throw error
    }
  }

  /** Connects to a server that is not ours. Every key of the run will carry the session's prefix. */
  static async openForeign(address: Address, context: SessionContext): Promise<Session> {
    const connected = await connect(address, context)
    const runId = newRunId()
    return new Session(address, connected, { origin: 'given', prefix: prefixOf(runId), runId, server: undefined }, context)
  }

  /** The connection for everything that is not load; another one after the server was killed. */
  get control(): Client {
    return this.#control
  }

  /** SIGSTOP. Throws SafetyError, as the next three do, on a server that is not ours. */
  async pause(): Promise<void> {
    await this.#own('paused').pause()
  }

  async resume(): Promise<void> {
    await this.#own('resumed').resume()
  }

  /** SIGKILL; the control connection ends with it. */
  async kill(): Promise<void> {
    const server = this.#own('killed')
    this.#cut = true
    await server.kill()
  }

  /** Starts a server that was killed again. */
  async restart(): Promise<void> {
    await this.#own('restarted').restart()
  }

  /** Brings back to work what was left paused or killed, and connects again where that ended the control connection. */
  async recover(): Promise<void> {
    if (this.server?.condition === 'paused') await this.server.resume()
    if (this.server?.condition === 'killed') await this.server.restart()
    if (!this.#cut) return
    this.#control.close()
    this.#control = await openControl(this.address, this.#context)
    this.#cut = false
  }

  /** Ends the connection, and the server when it is ours. */
  async close(): Promise<void> {
    this.#control.close()
    await this.server?.stop()
  }

  #own(what: string): RunningServer {
    if (this.server) return this.server
    throw new SafetyError(`${quote(this.target.address)} is not ${what}: redline does that only to servers that it started`, {
      hint: 'leave out --target',
    })
  }
}

function providersFor({ engineCommands }: SessionContext): readonly Provider[] {
  return engineCommands ? [commandProvider(engineCommands), ...PROVIDERS] : PROVIDERS
}

interface Connected {
  control: Client
  facts: ServerFacts
  config: Record<string, string>
}

async function connect(address: Address, context: SessionContext): Promise<Connected> {
  const control = await openControl(address, context)
  try {
    const facts = await readServer(control)
    const { values, refused } = await readConfig(control, CONFIG_THAT_MATTERS)
    if (refused)
      context.onProgress({ kind: 'warning', message: `${quote(displayAddress(address))} does not let its configuration be read` })
    return { control, facts, config: values }
  } catch (error) {
    control.close()
    throw error
  }
}

/** Blocking work of a scenario, a slow dataset command say, may hold the control connection for a while. */
function openControl(address: Address, { signal, timeoutMs }: SessionContext): Promise<Client> {
  return Client.open(address, { protocol: 2, timeoutMs, signal, replyTimeoutMs: Math.max(timeoutMs, 30_000) })
}

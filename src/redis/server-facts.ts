import { type Client, asMap, asText } from '../wire/client.js'
import { ReplyError } from '../wire/decoder.js'
import { type Info, numberOf, readInfo, totalKeys } from './info.js'

/** What a server is and how it is doing. */
export interface ServerFacts {
  engine: 'redis' | 'valkey'
  version: string
  topology: 'standalone' | 'cluster' | 'sentinel'
  role: 'master' | 'replica'
  /** Still reading its data from disk. */
  loading: boolean
  usedMemoryBytes: number
  /** 0 when there is no limit. */
  maxmemoryBytes: number
  maxmemoryPolicy: string
  /** Commands per second in the last moments, of everybody. */
  opsPerSecond: number
  connectedClients: number
  /** In all databases. */
  keys: number
  /** Changes whenever the server is started. */
  runId: string
  processId: number | undefined
}

/** Asks the server for its facts, with one INFO. Throws CommandError when that is refused. */
export async function readServer(client: Client): Promise<ServerFacts> {
  return factsOf(await readInfo(client))
}

/** The facts in a reply of INFO. */
export function factsOf(info: Info): ServerFacts {
  const text = (name: string) => info.fields.get(name)
  const number = (name: string) => numberOf(info, name) ?? 0
  // Valkey goes on reporting redis_version 7.2.4, for clients that look at nothing else.
  const valkeyVersion = text('valkey_version')
  return {
    engine: valkeyVersion !== undefined || text('server_name') === 'valkey' ? 'valkey' : 'redis',
    version: valkeyVersion ?? text('redis_version') ?? 'unknown',
    topology: topologyOf(info),
    role: text('role') === 'slave' || text('role') === 'replica' ? 'replica' : 'master',
    loading: text('loading') === '1' || text('async_loading') === '1',
    usedMemoryBytes: number('used_memory'),
    maxmemoryBytes: number('maxmemory'),
    maxmemoryPolicy: text('maxmemory_policy') ?? 'unknown',
    opsPerSecond: number('instantaneous_ops_per_sec'),
    connectedClients: number('connected_clients'),
    keys: totalKeys(info),
    runId: text('run_id') ?? '',
    processId: numberOf(info, 'process_id'),
  }
}

function topologyOf(info: Info): ServerFacts['topology'] {
  // Valkey calls it server_mode.
  const mode = info.fields.get('redis_mode') ?? info.fields.get('server_mode')
  if (mode === 'sentinel') return 'sentinel'
  return mode === 'cluster' || info.fields.get('cluster_enabled') === '1' ? 'cluster' : 'standalone'
}

/** Configuration as far as it may be read. */
export interface ConfigReading {
  /** By name; a parameter that this version does not have is left out. */
  values: Record<string, string>
  /** The server or its ACL does not let us read configuration, as managed services do not. */
  refused: boolean
}

/** Reads parameters with CONFIG GET, one by one in a single write: several names at once are an error before 7.0. */
export async function readConfig(client: Client, names: readonly string[]): Promise<ConfigReading> {
  const replies = await client.callAll(names.map((name) => ['CONFIG', 'GET', name]))
  const values: Record<string, string> = {}
  for (const reply of replies) {
    if (reply instanceof ReplyError) continue
    for (const [name, value] of asMap(reply)) values[name] = asText(value)
  }
  return { values, refused: replies.some((reply) => reply instanceof ReplyError) }
}

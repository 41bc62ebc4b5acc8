import { formatCount, formatDuration } from '../../core/units.js'
import { type Info, numberOf, parseInfo } from '../../redis/info.js'
import { factsOf, type ServerFacts } from '../../redis/server-facts.js'
import { asText, type Client } from '../../wire/client.js'
import type { Reading, Readings } from '../facts.js'
import { OWN_NAME } from '../own-name.js'
import { askAcl, askAclLog, withoutStrangers } from './acl.js'
import { type Ask, askAll, granted, Unknown } from './ask.js'
import { askClients } from './clients.js'
import { askConfig } from './config.js'
import { countersOf, type EarlierAudit } from './counters.js'
import { readHost } from './host.js'
import { askLatency, latencyOf } from './latency.js'
import { type Naming, PLAIN_NAMES } from './naming.js'
import { replicationOf } from './replication.js'
import { askRunningScript, scriptsOf } from './scripts.js'
import { askCommandlog, askSlowlog, slowlogOf } from './slow-commands.js'
import { has, type Since } from '../versions.js'

/** Time of CLIENT LIST for each connection, measured on 6.0 to 9.1: it holds the server, and can't be asked for in parts. */
const CLIENT_LIST_MS = 0.0016
/** For this long it may. */
const LONGEST_CLIENT_LIST_MS = 10

export interface NodeOptions {
  naming?: Naming
  /** What an earlier audit kept of this server's counters. */
  earlier?: EarlierAudit | undefined
  /** Also asks what holds the server for some milliseconds: a list of very many clients. */
  unhurried?: boolean
}

/**
 * Reads from one server what there is beside its keys: INFO before anything else, then all the rest in one write. What is
 * refused, or not there in this version, is not known, with the reason. Throws only when the connection is lost.
 *
 * `counters` are complete but for what happened during the audit: `countersOf` adds that at its end.
 */
export async function readNode(client: Client, options: NodeOptions = {}): Promise<Readings> {
  const { naming = PLAIN_NAMES, earlier, unhurried = false } = options
  const at = Date.now()
  const { info } = await askAll(client, { info: askInfo })
  const server = info.known ? factsOf(info.value) : undefined
  const asked = await askAll(client, {
    // Before our own commands push others out of it: with a threshold of 0 it takes them too, and before 7.0 there are eighty for `config`.
    slowlog: askSlowlog(naming, OWN_NAME),
    config: askConfig(server),
    latency: askLatency,
    acl: askAcl,
    aclLog: askAclLog(naming, OWN_NAME),
    commandlog: unless(lacks(server, { valkey: '8.1' }, 'COMMANDLOG came with Valkey 8.1'), askCommandlog(naming, OWN_NAME)),
    functions: unless(lacks(server, { redis: '7.0', valkey: '7.2' }, 'FUNCTION STATS came with Redis 7.0'), askRunningScript),
    clients: unless(unhurried ? undefined : tooManyClients(server), askClients(OWN_NAME)),
  })
  const { functions, ...readings } = asked
  return {
    ...readings,
    ...factsOfInfo(info, at, earlier),
    slowlog: slowlogOf(asked.slowlog, asked.config),
    latency: latencyOf(asked.latency, asked.config),
    aclLog: withoutStrangers(asked.aclLog, asked.acl),
    scripts: scriptsOf(info, functions),
    host: await readHost(client.address, server?.processId),
  }
}

const askInfo: Ask<Info> = {
  commands: [['INFO', 'ALL']],
  read: ([reply]) => parseInfo(asText(granted(reply, 'INFO'))),
}

/** The same fact may be known in several ways, all of which need INFO. */
function factsOfInfo(info: Reading<Info>, at: number, earlier: EarlierAudit | undefined): Readings {
  if (!info.known) return { info, server: info, counters: info, replication: info, now: { known: true, value: at / 1000 } }
  const counters = countersOf({ before: info.value, at, earlier })
  const serverTimeUs = numberOf(info.value, 'server_time_usec')
  return {
    info,
    server: { known: true, value: factsOf(info.value) },
    now: { known: true, value: serverTimeUs === undefined ? at / 1000 : serverTimeUs / 1e6 },
    counters: { known: true, value: counters },
    replication: { known: true, value: replicationOf(info.value, counters.grown('sync_full')) },
  }
}

/** Why a server that is known does not have this. */
function lacks(server: ServerFacts | undefined, since: Since, why: string): string | undefined {
  return server === undefined || has(server, since) ? undefined : why
}

function tooManyClients(server: ServerFacts | undefined): string | undefined {
  const connections = server?.connectedClients ?? 0
  const ms = connections * CLIENT_LIST_MS
  if (ms <= LONGEST_CLIENT_LIST_MS) return undefined
  return `CLIENT LIST of ${formatCount(connections)} connections would hold the server for about ${formatDuration(Math.round(ms))}`
}

/** Asks nothing when there is a reason not to. */
function unless<T>(why: string | undefined, ask: Ask<T>): Ask<T> {
  if (why === undefined) return ask
  return {
    commands: [],
    read: () => {
      throw new Unknown(why)
    },
  }
}

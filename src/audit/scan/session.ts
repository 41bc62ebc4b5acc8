import { ConnectionError } from '../../core/errors.js'
import type { Address } from '../../wire/address.js'
import { Connection } from '../../wire/connection.js'
import { type Reply, ReplyError } from '../../wire/decoder.js'
import { wordsOf } from '../../wire/failure.js'
import { OWN_NAME } from '../own-name.js'
import { type Converse, converseOver } from './converse.js'
import { refusedScan } from './failure.js'
import { refusalOf } from './key-facts.js'
import type { Traffic } from '../../wire/traffic.js'

/** How a scan connects. */
export interface ScanConnectOptions {
  /** For connecting and logging in together. */
  timeoutMs: number
  /** How long the server may stay silent while it owes a reply. */
  replyTimeoutMs: number
}

/** A connection that is ready to scan one database. */
export interface Session {
  connection: Connection
  converse: Converse
  /** Changes when the server is restarted; empty when it does not tell. */
  runId: string
  /** CLIENT NO-TOUCH is on: nothing that is asked here makes a key look used. */
  untouched: boolean
  /** There may be keys of types that modules brought. */
  modules: boolean
}

const READ_BUFFER_BYTES = 256 * 1024

/**
 * Connects, selects the database and makes the connection harmless: CLIENT NO-TOUCH ON where the server knows it (Redis 7.2, Valkey), so
 * that reading a length leaves the idle time as it is, and READONLY in a cluster, where replicas send everybody else away. What a server or
 * its ACL refuses of this is not needed. Throws ConnectionError, also where the server refuses everything.
 */
export async function openSession(
  address: Address,
  db: number,
  cluster: boolean,
  options: ScanConnectOptions & { signal: AbortSignal; traffic: Traffic },
): Promise<Session> {
  const { timeoutMs, replyTimeoutMs, signal, traffic } = options
  const readBuffer = new Uint8Array(READ_BUFFER_BYTES)
  const connection = await Connection.open({ ...address, db }, { protocol: 2, timeoutMs, signal, readBuffer, traffic })
  const onAbort = () => connection.destroy()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const converse = converseOver(connection, address, replyTimeoutMs, traffic)
    const [info, modules, untouched] = await converse([
      ['INFO', 'server'],
      INFO_MODULES,
      ['CLIENT', 'NO-TOUCH', 'ON'],
      ['CLIENT', 'SETNAME', OWN_NAME],
      ...(cluster ? [['READONLY']] : []),
    ])
    if (info instanceof ReplyError && refusalOf(wordsOf(info)) === 'server') {
      connection.destroy()
      throw refusedScan(address, 'INFO', wordsOf(info))
    }
    return {
      ...{ connection, converse, runId: fieldOf(info, 'run_id'), untouched: untouched === 'OK' },
      modules: !tellsOfAll(info, modules) || modulesIn(modules).length > 0,
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

const INFO_MODULES = ['INFO', 'modules']

/** Whether a server that had no modules with types of their own has some now. One that can't be asked has said nothing new. */
export async function haveModulesCome({ converse }: Session): Promise<boolean> {
  try {
    const [modules] = await converse([INFO_MODULES])
    return modulesIn(modules).length > 0
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error
    return false
  }
}

/**
 * Whether a server without modules would say so. Managed services, some with types of their own that are on no list of modules, keep the
 * path of their program to themselves.
 */
function tellsOfAll(info: Reply | undefined, modules: Reply | undefined): boolean {
  return fieldOf(info, 'executable').startsWith('/') && textOf(modules).startsWith('# Modules')
}

/** The modules that INFO lists and that may bring types, which Valkey's scripting engine does not. */
function modulesIn(reply: Reply | undefined): string[] {
  return [...textOf(reply).matchAll(/^module:name=([^,\r\n]*)/gm)].map(([, name = '']) => name).filter((name) => name !== 'lua')
}

/** A field of INFO; empty when it is not told. */
function fieldOf(info: Reply | undefined, name: string): string {
  return new RegExp(`^${name}:([^\\r\\n]*)`, 'm').exec(textOf(info))?.[1] ?? ''
}

function textOf(reply: Reply | undefined): string {
  return typeof reply === 'string' || Buffer.isBuffer(reply) ? reply.toString() : ''
}

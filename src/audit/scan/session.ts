import type { Address } from '../../wire/address.js'
import { asText } from '../../wire/client.js'
import { Connection } from '../../wire/connection.js'
import { type Reply, ReplyError } from '../../wire/decoder.js'
import { wordsOf } from '../../wire/failure.js'
import { OWN_NAME } from '../own-name.js'
import { type Converse, converseOver } from './converse.js'
import { refusedScan } from './failure.js'
import { refusalOf } from './key-facts.js'
import type { Traffic } from './traffic.js'

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
  const connection = await Connection.open({ ...address, db }, { protocol: 2, timeoutMs, signal, readBuffer })
  const onAbort = () => connection.destroy()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const converse = converseOver(connection, address, replyTimeoutMs, traffic)
    const [info, untouched] = await converse([
      ['INFO', 'server'],
      ['CLIENT', 'NO-TOUCH', 'ON'],
      ['CLIENT', 'SETNAME', OWN_NAME],
      ...(cluster ? [['READONLY']] : []),
    ])
    if (info instanceof ReplyError && refusalOf(wordsOf(info)) === 'server') {
      connection.destroy()
      throw refusedScan(address, 'INFO', wordsOf(info))
    }
    return { connection, converse, runId: runIdOf(info), untouched: untouched === 'OK' }
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function runIdOf(info: Reply | undefined): string {
  if (info === undefined || info instanceof ReplyError) return ''
  return /^run_id:(\w+)/m.exec(asText(info))?.[1] ?? ''
}

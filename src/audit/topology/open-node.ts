import { ConnectionError } from '../../core/errors.js'
import type { Address } from '../../wire/address.js'
import { Client } from '../../wire/client.js'
import type { Traffic } from '../../wire/traffic.js'
import { OWN_NAME } from '../own-name.js'

export interface OpenOptions {
  signal: AbortSignal
  /** For connecting and logging in, and for each reply. */
  timeoutMs: number
  /** Adds up what all that is opened sends and gets. */
  traffic?: Traffic
}

/** A connection that the audit may ask over. */
export interface OpenNode {
  client: Client
  /** CLIENT NO-TOUCH is on: nothing that is asked makes a key look used. */
  untouched: boolean
}

/** What a server, proxy or ACL says that does not take HELLO 3. */
const NO_RESP3 = /does not speak RESP3|does not let this user log in this way|refused us/

/**
 * Connects to a server, also to one that is still loading or busy with a script: it answers HELLO where it would not answer PING. Names
 * the connection, and keeps it from touching keys where the server knows how (Redis 7.2, Valkey). Throws ConnectionError.
 */
export async function openNode(address: Address, { signal, timeoutMs, traffic }: OpenOptions): Promise<OpenNode> {
  const options = { signal, timeoutMs, replyTimeoutMs: timeoutMs, traffic }
  const client = await Client.open(address, { ...options, protocol: 3 }).catch((error: unknown) => {
    if (!(error instanceof ConnectionError) || !NO_RESP3.test(error.message)) throw error
    return Client.open(address, { ...options, protocol: 2 })
  })
  try {
    const [, touch] = await client.callAll([
      ['CLIENT', 'SETNAME', OWN_NAME],
      ['CLIENT', 'NO-TOUCH', 'ON'],
    ])
    return { client, untouched: touch === 'OK' }
  } catch (error) {
    client.close()
    throw error
  }
}

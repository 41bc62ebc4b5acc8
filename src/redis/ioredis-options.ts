import { isIP } from 'node:net'
import type { RedisOptions } from 'ioredis'
import type { Address } from '../wire/address.js'

/**
 * Options under which ioredis connects to an address, sends nothing on its own but the HELLO that RESP3 needs, and hides no failure: by
 * default it reconnects, queues and sends again, and a load test would never see a lost request.
 *
 * With protocol 2 the credentials are left out, and with either the database: ioredis goes on when logging in or SELECT failed, with no
 * more than a warning, so whoever connects has to send AUTH and SELECT.
 */
export function ioredisOptions(address: Address, protocol: 2 | 3): Omit<RedisOptions, 'replyMapping'> {
  const { username, password } = address
  const hasLogin = username !== undefined || password !== undefined
  return {
    ...whereOf(address),
    protocol,
    ...(protocol === 3 && hasLogin ? { username: username ?? 'default', password: password ?? '' } : {}),
    lazyConnect: true,
    // Each of these would send commands of its own: INFO, CLIENT SETINFO.
    enableReadyCheck: false,
    disableClientInfo: true,
    // A lost connection stays lost, and what was sent on it fails.
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
  }
}

function whereOf(address: Address): RedisOptions {
  if (address.transport === 'unix') return { path: address.path! }
  const { host, port } = address
  if (address.transport === 'tcp') return { host, port }
  const servername = address.tls?.servername ?? (isIP(host) ? '' : host)
  return { host, port, tls: { ...address.tls, servername } }
}

import type { ServerFacts } from '../../redis/server-facts.js'
import type { AclFacts, ConfigFacts } from '../facts.js'
import { compareVersions } from '../versions.js'

/*
 * Who can reach a server, going by its own configuration (bind, port, protected-mode:
 * https://redis.io/docs/latest/operate/oss_and_stack/management/security/). What a firewall or a container's network keeps out can't
 * be seen from there.
 */

/** The widest of the networks that a server listens on: the machine itself, private addresses, or any. */
export type Exposure = 'loopback' | 'private' | 'any'

/** Undefined when the configuration can't tell. */
export function exposureOf(config: ConfigFacts, server?: Pick<ServerFacts, 'engine' | 'version'>): Exposure | undefined {
  const fromFiles = config.source === 'files'
  const bind = config.get('bind') ?? (fromFiles ? '* -::*' : undefined)
  if (bind === undefined) return undefined
  const port = config.get('port') ?? '6379'
  if (port === '0' && (config.get('tls-port') ?? '0') === '0') return 'loopback'
  const addresses = bind.split(/[\s"']+/).filter(Boolean)
  // No address at all meant every address, until 7.0 made it none.
  if (addresses.length === 0) return bindIsOptOut(server) ? 'any' : 'loopback'
  const reach = addresses.map(reachOf)
  return reach.includes('any') ? 'any' : reach.includes('private') ? 'private' : 'loopback'
}

/** Where a server listens, as the end of a sentence. */
export function listening(exposure: Exposure): string {
  return { any: 'on public addresses or on all', private: 'on private addresses', loopback: 'on loopback only' }[exposure]
}

/**
 * Whether protected mode keeps strangers out: it refuses every connection from elsewhere as long as `default` needs no password.
 * Before 7.0 it did so only while no address was bound. Undefined when the configuration can't tell.
 */
export function isProtected(config: ConfigFacts, server?: Pick<ServerFacts, 'engine' | 'version'>): boolean | undefined {
  const mode = config.get('protected-mode') ?? (config.source === 'files' ? 'yes' : undefined)
  if (mode === undefined) return undefined
  if (mode !== 'yes') return false
  return !bindIsOptOut(server) || (config.get('bind') ?? '') === ''
}

/** Whether `default`, which every connection is at first, needs no password. */
export function isOpen({ users }: AclFacts): boolean {
  const user = users.find(({ name }) => name === 'default')
  return user === undefined || (user.enabled && user.nopass)
}

function bindIsOptOut(server: Pick<ServerFacts, 'engine' | 'version'> | undefined): boolean {
  return server?.engine === 'redis' && compareVersions(server.version, '7.0') < 0
}

/** An address of `bind`; one with a `-` before it may be missing on the machine. */
function reachOf(address: string): Exposure {
  const host = address.replace(/^-/, '').toLowerCase()
  if (/^127\.|^::1$|^localhost$/.test(host)) return 'loopback'
  if (/^10\.|^192\.168\.|^172\.(1[6-9]|2\d|3[01])\.|^169\.254\.|^f[cd][0-9a-f]{2}:|^fe80:/.test(host)) return 'private'
  return 'any'
}

import { isIPv6 } from 'node:net'
import { InputError } from '../core/errors.js'
import { didYouMean, safeText } from '../core/text.js'

/** Where a server is and how to log in to it. Holds secrets: show it with displayAddress only. */
export interface Address {
  transport: 'tcp' | 'tls' | 'unix'
  /** Empty when the transport is unix. */
  host: string
  /** 0 when the transport is unix. */
  port: number
  /** Path of the unix socket. */
  path: string | undefined
  /** Number of the database that is selected. */
  db: number
  username: string | undefined
  password: string | undefined
  /** Set exactly when the transport is tls. */
  tls: TlsOptions | undefined
}

/** How a TLS server is trusted and how it shall trust us; ca, cert and key are PEM text. */
export interface TlsOptions {
  ca?: string
  cert?: string
  key?: string
  /** The name that the certificate must carry; by default the host. */
  servername?: string
  rejectUnauthorized: boolean
}

const DEFAULT_PORT = 6379
const MAX_DB = 2 ** 31 - 1
const SCHEMES: Record<string, Address['transport']> = { redis: 'tcp', rediss: 'tls', valkey: 'tcp', valkeys: 'tls', unix: 'unix' }
const FORMS = 'write redis://[user:password@]host[:port][/db], rediss:// for TLS, unix:///path/to/socket?db=1, or host:port'

/**
 * Reads `redis://`, `rediss://`, `valkey://`, `valkeys://` and `unix://` URLs, `host:port` and `host`. Everything before
 * the last `@` is credentials, percent-decoded; a password that is not there is taken from REDISCLI_AUTH, as by redis-cli.
 * Throws InputError, which never repeats what might be a password.
 */
export function parseAddress(text: string, env: Record<string, string | undefined>): Address {
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text) ?? [undefined, 'redis', text]
  const transport = SCHEMES[scheme.toLowerCase()]
  const bad = (why: string) => new InputError(`${quote(text)} is not the address of a server: ${why}`, { hint: FORMS })
  if (!transport) throw bad(`unknown scheme ${safeText(scheme)}://${didYouMean(scheme, Object.keys(SCHEMES))}`)
  if (text.startsWith('/'))
    throw new InputError(`${quote(text)} is a path`, { hint: `for a unix socket write unix://${quote(text).slice(1, -1)}` })

  // The path of a socket may have an @ of its own.
  const at = transport !== 'unix' ? rest.lastIndexOf('@') : rest.startsWith('/') ? -1 : rest.indexOf('@/')
  const [location, query] = splitOnce(rest.slice(at + 1), '?')
  const login = parseLogin(at < 0 ? undefined : rest.slice(0, at), env)
  const asked = parseQuery(query, bad)

  if (transport === 'unix') {
    if (!location.startsWith('/')) throw bad('a unix socket needs an absolute path')
    return { transport, host: '', port: 0, path: decode(location, 'path'), db: asked ?? 0, ...login, tls: undefined }
  }
  const [authority, dbPath] = splitOnce(location, '/')
  if (asked !== undefined && dbPath) throw bad('it names the database twice')
  const db = dbPath ? parseDb(dbPath, bad) : (asked ?? 0)
  const tls = transport === 'tls' ? { rejectUnauthorized: true } : undefined
  return { transport, ...parseHost(authority, bad), path: undefined, db, ...login, tls }
}

/** `10.0.0.2:6379`, `[::1]:6379`. Of hosts only IPv6 addresses have colons; to ask net.isIPv6 takes 10 ms the first time. */
export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** The address as a URL that parseAddress reads again, without user and password. */
export function displayAddress(address: Address): string {
  if (address.transport === 'unix') {
    const path = (address.path ?? '').split('/').map(encodeURIComponent).join('/')
    return `unix://${path}${address.db === 0 ? '' : `?db=${address.db}`}`
  }
  const scheme = address.transport === 'tls' ? 'rediss' : 'redis'
  return safeText(`${scheme}://${hostPort(address.host, address.port)}${address.db === 0 ? '' : `/${address.db}`}`)
}

type Refuse = (why: string) => InputError

/** A text for an error message, with all that may be a secret left out. */
function quote(text: string): string {
  const at = text.lastIndexOf('@')
  const shown = at < 0 ? text : `${/^[a-z]+:\/\//i.exec(text)?.[0] ?? ''}…@${text.slice(at + 1)}`
  return `"${safeText(shown.replace(/\?.*/s, (query) => query.replace(/=[^&]*/g, '=…')))}"`
}

function parseLogin(credentials: string | undefined, env: Record<string, string | undefined>): Pick<Address, 'username' | 'password'> {
  const fromEnv = env['REDISCLI_AUTH'] || undefined
  if (credentials === undefined) return { username: undefined, password: fromEnv }
  const colon = credentials.indexOf(':')
  if (colon < 0 && fromEnv === undefined) {
    // redis-cli takes it for a password, URL libraries for a user: guessing wrong would send a secret as a name.
    throw new InputError('what stands before the @ of the address could be a user or a password', {
      hint: 'write redis://:password@host, redis://user:password@host, or redis://user@host with the password in REDISCLI_AUTH',
    })
  }
  const username = decode(colon < 0 ? credentials : credentials.slice(0, colon), 'user')
  const password = colon < 0 ? '' : decode(credentials.slice(colon + 1), 'password')
  return { username: username || undefined, password: password || fromEnv }
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new InputError(`the ${what} in the address is not percent-encoded`, { hint: 'write a % in it as %25, an @ as %40, a / as %2F' })
  }
}

function parseQuery(query: string, bad: Refuse): number | undefined {
  const given = new URLSearchParams(query)
  for (const name of given.keys()) {
    if (name !== 'db') throw bad(`unknown parameter ${safeText(name)}${didYouMean(name, ['db'])}`)
  }
  const values = given.getAll('db')
  if (values.length > 1) throw bad('it names the database twice')
  return values[0] === undefined ? undefined : parseDb(values[0], bad)
}

function parseDb(text: string, bad: Refuse): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) > MAX_DB) throw bad('the database must be a number')
  return Number(text)
}

function parseHost(text: string, bad: Refuse): Pick<Address, 'host' | 'port'> {
  if (/:.*:/.test(text) && isIPv6(text)) return { host: text, port: DEFAULT_PORT }
  const [, bracketed, name, digits] = /^(?:\[([^\]]*)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const host = bracketed ?? name
  if (host === undefined) throw bad(text === '' || text.startsWith(':') ? 'it has no host' : 'host and port are not host:port')
  if (bracketed !== undefined ? !isIPv6(bracketed) : !/^[\p{L}\p{N}._-]+$/u.test(host)) throw bad('that is no host name')
  const port = digits === undefined ? DEFAULT_PORT : Number(digits)
  if (port < 1 || port > 65_535) throw bad('the port must be between 1 and 65535')
  return { host, port }
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

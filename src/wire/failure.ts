import { ConnectionError } from '../core/errors.js'
import { safeText } from '../core/text.js'
import { formatDuration } from '../core/units.js'
import { type Address, displayAddress } from './address.js'
import type { ReplyError } from './decoder.js'

/*
 * Everything that keeps us from a server, as the person who reads it should hear it: what happened, at which target, and
 * what to do next. All connections, ours and ioredis', take their errors from here.
 */

/** An error of the socket or of TLS, before or after the server took us. */
export function socketFailure(address: Address, cause: unknown): ConnectionError {
  const { code, message } = codeAndMessage(cause)
  const what = SOCKET_FAILURES.find(([pattern]) => pattern.test(`${code} ${message}`))
  if (what) return failure(address, what[1], what[2], cause)
  return failure(address, `the connection failed: ${safeText(message)}`, 'check the address and whether the server runs', cause)
}

/** An error reply to what we sent to log in. */
export function refusal(address: Address, reply: ReplyError): ConnectionError {
  const said = wordsOf(reply)
  const what = REFUSALS.find(([pattern]) => pattern.test(said))
  if (what) return failure(address, what[1], what[2])
  return failure(address, `refused us: ${safeText(said)}`, 'see what the server asks for')
}

/** What an error reply says, without the arguments that it repeats: those of an unknown AUTH are the password. Hostile text. */
export function wordsOf(reply: ReplyError): string {
  return `${reply.code} ${reply.message}`
    .replace(/,? with args beginning with:.*/s, '')
    .trim()
    .slice(0, 300)
}

/** Connecting and logging in took too long: which part of it had not ended? */
export function timeoutFailure(address: Address, timeoutMs: number, part: keyof typeof TIMEOUTS): ConnectionError {
  const [what, hint] = TIMEOUTS[part]
  return failure(address, `${what} within ${formatDuration(timeoutMs)}`, hint)
}

/** A command was sent on an open connection and not answered in time. */
export function lateReply(address: Address, timeoutMs: number, command: string): ConnectionError {
  return failure(
    address,
    `did not answer ${safeText(command)} within ${formatDuration(timeoutMs)}`,
    'it may be stopped, or blocked by a slow command',
  )
}

/** The server ended the connection before it had answered anything. */
export function closedAtOnce(address: Address): ConnectionError {
  return failure(
    address,
    'closed the connection at once',
    address.transport === 'tls'
      ? 'it may ask for a client certificate; the log of the server says why'
      : 'it may speak TLS (write rediss:// instead of redis://), or not accept this host; the log of the server says why',
  )
}

/** The server ended a connection that had worked. */
export function connectionLost(address: Address): ConnectionError {
  return failure(
    address,
    'closed the connection',
    'it was stopped or restarted, killed the client (CLIENT KILL, timeout, output buffer limit), or the network cut it; its log says which',
  )
}

/** A call was still waiting when its own side closed the connection. */
export function closedByUs(address: Address): ConnectionError {
  return failure(address, 'was disconnected before it had answered', 'the connection was closed on this side')
}

/** The first bytes that a server said are no RESP. */
export function notRedis(address: Address, bytes: Uint8Array): ConnectionError {
  if (isTlsRecord(bytes)) return failure(address, 'speaks TLS', 'write rediss:// instead of redis://')
  const said = safeText(bytes.subarray(0, 60))
  return failure(address, `is not a Redis or Valkey; it said "${said}"`, 'check host and port')
}

/** A server that spoke RESP until it did not. */
export function brokenProtocol(address: Address, cause: Error): ConnectionError {
  return failure(address, `sent an answer that can't be read: ${cause.message}`, 'is there a proxy in between?', cause)
}

function failure(address: Address, what: string, hint: string, cause?: unknown): ConnectionError {
  return new ConnectionError(`${displayAddress(address)} ${what}`, { hint, cause })
}

type Entry = readonly [pattern: RegExp, what: string, hint: string]

const TIMEOUTS = {
  connecting: ['did not take the connection', 'check the address, and firewalls on the way'],
  // Redis takes the handshake for an inline command without an end: a plain port stays silent for ever.
  securing: ['did not answer the TLS handshake', 'write redis:// instead of rediss:// if that port speaks no TLS'],
  answering: ['took the connection and did not answer', 'it may be stopped, blocked by a slow command, or something else than a Redis'],
} as const

const SOCKET_FAILURES: readonly Entry[] = [
  [/ECONNREFUSED/, 'refused the connection', 'is a server running there, on that port?'],
  [
    /ENOTFOUND|EAI_AGAIN|EAI_/,
    'has a host name that was not found',
    'check the spelling of the host, and that this machine can resolve it',
  ],
  [/ENOENT/, 'does not exist', 'check the path of the socket, and `unixsocket` in the configuration of the server'],
  [/ENOTSOCK/, 'is not a socket', 'check the path of the socket'],
  [/EACCES|EPERM/, 'may not be opened by this user', 'check the permissions of the socket (`unixsocketperm`)'],
  [/ETIMEDOUT/, 'did not answer', 'check the address, and firewalls on the way'],
  [/EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL/, 'can not be reached from here', 'check the address and the network'],
  [/EMFILE|ENFILE/, 'was not called: this process has too many open files', 'raise the limit (ulimit -n), or use fewer connections'],
  [/WRONG_VERSION_NUMBER|wrong version number|packet length too long/, 'does not speak TLS', 'write redis:// instead of rediss://'],
  [
    /CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/,
    'has a certificate that is not valid today',
    'renew the certificate of the server, or check the clock of this machine',
  ],
  [/ERR_TLS_CERT_ALTNAME_INVALID/, 'has a certificate for another host name', 'use the name that is in the certificate as host'],
  [
    /SELF_SIGNED|UNABLE_TO_|DEPTH_ZERO|CERT_/,
    'has a certificate that this machine does not trust',
    'give its certificate authority: NODE_EXTRA_CA_CERTS=ca.pem',
  ],
  [
    /certificate required|handshake failure|bad certificate|unknown ca/i,
    'refused us for want of a client certificate that it trusts',
    'give a certificate and key that the server knows (`tls-auth-clients` in its configuration)',
  ],
  [
    /ECONNRESET|EPIPE/,
    'cut the connection',
    'it was stopped, does not accept this host, or speaks TLS where we did not (or the other way round)',
  ],
]

const REFUSALS: readonly Entry[] = [
  [/^NOAUTH|^ERR operation not permitted/, 'asks for a password', 'set REDISCLI_AUTH, or write redis://user:password@host'],
  [/^WRONGPASS|^ERR invalid password/, 'does not accept this user and password', 'check REDISCLI_AUTH or the credentials in the address'],
  [
    /^ERR (Client sent AUTH|AUTH .*called without any password)/,
    'has no password, and one was given',
    'take the password out of the address, and unset REDISCLI_AUTH',
  ],
  [/^ERR max number of clients/, 'has no room for another client', 'use fewer connections, or raise `maxclients`'],
  [/^LOADING/, 'is still loading its data', 'try again when it is ready: INFO persistence, loading'],
  [/^DENIED/, 'is in protected mode and accepts only its own host', 'set a password for it, or connect from its host'],
  [
    /^ERR (DB index|invalid DB index)/,
    'has no such database',
    'check the number after the / of the address, and `databases` in its configuration',
  ],
  [/^ERR SELECT is not allowed in cluster mode/, 'is a cluster, which has only database 0', 'take the database out of the address'],
  [/^ERR unknown command .?HELLO|^NOPROTO/, 'does not speak RESP3', 'use protocol 2; RESP3 came with Redis 6.0'],
  [/^NOPERM/, 'does not let this user log in this way', 'allow it the commands that its ACL denies'],
]

/** A TLS record (20 change cipher, 21 alert, 22 handshake) of version 3.x. */
function isTlsRecord(bytes: Uint8Array): boolean {
  return bytes[0] !== undefined && bytes[0] >= 0x14 && bytes[0] <= 0x17 && bytes[1] === 0x03
}

function codeAndMessage(cause: unknown): { code: string; message: string } {
  if (!(cause instanceof Error)) return { code: '', message: String(cause) }
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  // Happy eyeballs: every address of the host failed, each with an error of its own.
  if (cause instanceof AggregateError && cause.errors.length > 0) return codeAndMessage(cause.errors[0])
  return { code, message: cause.message }
}

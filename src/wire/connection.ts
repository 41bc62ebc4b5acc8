import net from 'node:net'
import tls from 'node:tls'
import { messageOf } from '../core/errors.js'
import type { Address } from './address.js'
import { Decoder, ProtocolError, type Reply, ReplyError } from './decoder.js'
import { encodeCommand } from './encode.js'
import { closedAtOnce, connectionLost, notRedis, refusal, socketFailure, timeoutFailure } from './failure.js'
import { noTraffic, type Traffic } from './traffic.js'

export interface ConnectOptions {
  protocol: 2 | 3
  /** Time for connecting and logging in together. */
  timeoutMs: number
  /** Ends `open`, which then rejects with its reason; an open connection is its holder's to end. */
  signal: AbortSignal
  /** Where arriving bytes are put: all connections of a thread may share one, because each read is consumed in onBytes. */
  readBuffer?: Uint8Array
  /** CLIENT SETNAME, where the server allows it; none by default. */
  name?: string
  /** Adds up what goes over it. Commands are counted by whoever makes them. */
  traffic?: Traffic | undefined
}

const READ_BUFFER_BYTES = 64 * 1024

/**
 * A connection that is open and logged in, and its bytes. It knows nothing of commands and replies: whoever holds it
 * decides what they mean.
 */
export class Connection {
  /** Takes the bytes `buffer[0..length)`, which are overwritten once it has returned. May not throw. */
  onBytes: (buffer: Uint8Array, length: number) => void = ignore
  #onClose: (error: Error | undefined) => void = ignore
  #closed: { error: Error | undefined } | undefined
  #failure: Error | undefined
  #destroyed = false
  readonly #traffic: Traffic
  readonly #socket: net.Socket

  private constructor(address: Address, { readBuffer = new Uint8Array(READ_BUFFER_BYTES), traffic = noTraffic() }: ConnectOptions) {
    this.#traffic = traffic
    this.#socket = openSocket(address, readBuffer, (length, buffer) => {
      traffic.bytesReceived += length
      this.onBytes(buffer, length)
      return true
    })
    this.#socket.on('error', (error) => {
      this.#failure ??= socketFailure(address, error)
    })
    this.#socket.once('close', () => {
      this.#closed = { error: this.#destroyed ? undefined : (this.#failure ?? connectionLost(address)) }
      this.#onClose(this.#closed.error)
    })
  }

  /**
   * Connects, logs in (AUTH, or HELLO 3), names the connection if asked to and selects the database. With none of these
   * to do it sends one PING: a server that is full, loading or in protected mode takes the connection and says so only
   * then. Throws ConnectionError, or the signal's reason.
   */
  static async open(address: Address, options: ConnectOptions): Promise<Connection> {
    options.signal.throwIfAborted()
    const connection = new Connection(address, options)
    try {
      await connection.#logIn(address, options)
      return connection
    } catch (error) {
      connection.destroy()
      throw error
    } finally {
      connection.onBytes = ignore
      connection.#onClose = ignore
    }
  }

  /**
   * Called once when the connection has ended, with the reason, or undefined when `destroy` ended it; at once if it has
   * ended already.
   */
  set onClose(listener: (error: Error | undefined) => void) {
    this.#onClose = listener
    if (this.#closed) listener(this.#closed.error)
  }

  /**
   * Whether the kernel has everything that was written. As long as it has not, the bytes given to `write` are still
   * being read and may not be changed: ask after writing.
   */
  get idle(): boolean {
    return this.#socket.writableLength === 0
  }

  /** Sends bytes as they are, without copying them. */
  write(bytes: Uint8Array): void {
    this.#traffic.bytesSent += bytes.length
    this.#socket.write(bytes)
  }

  /** Ends the connection now; bytes that the kernel does not have yet are lost. */
  destroy(): void {
    this.#destroyed = true
    this.#socket.destroy()
  }

  #logIn(address: Address, options: ConnectOptions): Promise<void> {
    const { signal, timeoutMs } = options
    const commands = loginCommands(address, options)
    const { promise, resolve, reject } = deferred()

    const refused = () => reject(asError(signal.reason))
    signal.addEventListener('abort', refused, { once: true })
    let reached = false
    const timer = setTimeout(() => {
      reject(timeoutFailure(address, timeoutMs, this.#socket.connecting ? 'connecting' : reached ? 'answering' : 'securing'))
    }, timeoutMs)

    // Not before TLS trusts the server: what is written earlier may be sent to an impostor.
    this.#socket.once(address.transport === 'tls' ? 'secureConnect' : 'connect', () => {
      reached = true
      this.#traffic.commands += commands.length
      this.write(Buffer.concat(commands.map((args) => encodeCommand(args))))
    })
    const greeting = new Greeting(commands, (reply) => (reply ? reject(refusal(address, reply)) : resolve()))
    this.onBytes = (buffer, length) => {
      try {
        greeting.push(Buffer.from(buffer.buffer, buffer.byteOffset, length))
      } catch (error) {
        reject(error instanceof ProtocolError ? notRedis(address, greeting.heard) : asError(error))
      }
    }
    this.#onClose = () => {
      const cut = greeting.heard.length === 0 && (!this.#failure || (reached && address.transport === 'tcp'))
      reject(cut ? closedAtOnce(address) : (this.#failure ?? connectionLost(address)))
    }

    return promise.finally(() => {
      clearTimeout(timer)
      signal.removeEventListener('abort', refused)
    })
  }
}

/** Follows the replies to the login commands: done at the last, or at the first error. */
class Greeting {
  /** The first bytes that the server said, for telling what it is. */
  heard: Buffer = Buffer.alloc(0)
  readonly #decoder: Decoder

  constructor(commands: readonly string[][], done: (error: ReplyError | undefined) => void) {
    let answered = 0
    const onReply = (reply: Reply) => {
      const command = commands[answered++]?.[0]
      if (reply instanceof ReplyError && !isLetIn(command, reply)) done(reply)
      else if (answered === commands.length) done(undefined)
    }
    this.#decoder = new Decoder({ onReply })
  }

  push(bytes: Buffer): void {
    if (this.heard.length < 60) this.heard = Buffer.concat([this.heard, bytes]).subarray(0, 60)
    this.#decoder.push(bytes)
  }
}

/**
 * A user whose ACL denies PING or CLIENT has been let in all the same. So has one who wanted a name while a script holds the server, or
 * where CLIENT was renamed away, as managed services do: it goes on without.
 */
function isLetIn(command: string | undefined, { code, message }: ReplyError): boolean {
  if (command === 'CLIENT') return code === 'NOPERM' || code === 'BUSY' || (code === 'ERR' && message.startsWith('unknown command'))
  return command === 'PING' && code === 'NOPERM'
}

type OnRead = (length: number, buffer: Uint8Array) => boolean

function openSocket(address: Address, buffer: Uint8Array, callback: OnRead): net.Socket {
  const onread = { buffer, callback }
  if (address.transport === 'unix') return net.connect({ path: address.path!, onread })
  const where = { host: address.host, port: address.port, noDelay: true, onread }
  if (address.transport === 'tcp') return net.connect(where)
  // No server name is sent for a bare IP address (RFC 6066, section 3).
  const servername = address.tls?.servername ?? (net.isIP(address.host) ? '' : address.host)
  const options: tls.ConnectionOptions = { ...where, ...address.tls, servername }
  return tls.connect(options)
}

function loginCommands(address: Address, options: ConnectOptions): string[][] {
  const { username, password, db } = address
  const login = username === undefined && password === undefined ? undefined : { username, password: password ?? '' }
  const commands: string[][] = []
  if (options.protocol === 3) commands.push(['HELLO', '3', ...(login ? ['AUTH', login.username ?? 'default', login.password] : [])])
  else if (login) commands.push(['AUTH', ...(login.username === undefined ? [] : [login.username]), login.password])
  if (options.name !== undefined) commands.push(['CLIENT', 'SETNAME', options.name])
  if (db !== 0) commands.push(['SELECT', String(db)])
  return commands.length > 0 ? commands : [['PING']]
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(messageOf(thrown))
}

function ignore(): void {}

function deferred() {
  let resolve!: () => void
  let reject!: (error: Error) => void
  const promise = new Promise<void>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

import net from 'node:net'
import tls from 'node:tls'
import type { Address } from './address.js'
import { Decoder, ProtocolError, type Reply, ReplyError } from './decoder.js'
import { encodeCommand } from './encode.js'
import { closedAtOnce, connectionLost, notRedis, refusal, socketFailure, timeoutFailure } from './failure.js'

export interface ConnectOptions {
  protocol: 2 | 3
  /** Time for connecting and logging in together. */
  timeoutMs: number
  /** Ends `open`, which then rejects with its reason; an open connection belongs to its holder alone. */
  signal: AbortSignal
  /** Where arriving bytes are put: may be shared by all connections of a thread, because each read is consumed in onBytes. */
  readBuffer?: Uint8Array
  /** CLIENT SETNAME; none by default. */
  name?: string
}

const READ_BUFFER_BYTES = 64 * 1024

/**
 * A connection that is open and logged in, and its bytes. It knows nothing of commands and replies: whoever holds it
 * decides what they mean.
 */
export class Connection {
  /** What to do with the bytes `buffer[0..length)`, which are overwritten as soon as it returns. May not throw. */
  onBytes: (buffer: Uint8Array, length: number) => void = ignore
  /** Called once, when the connection has ended: with why, or undefined when `destroy` ended it. */
  onClose: (error: Error | undefined) => void = ignore
  readonly #socket: net.Socket
  readonly #address: Address
  #error: Error | undefined
  #destroyed = false

  private constructor(address: Address, options: ConnectOptions) {
    this.#address = address
    this.#socket = openSocket(address, options.readBuffer ?? new Uint8Array(READ_BUFFER_BYTES), (length, buffer) => {
      this.onBytes(buffer, length)
      return true
    })
    this.#socket.on('error', (error) => {
      this.#error = socketFailure(address, error)
    })
    this.#socket.once('close', () => this.onClose(this.#destroyed ? undefined : (this.#error ?? connectionLost(this.#address))))
  }

  /**
   * Connects, logs in (AUTH or HELLO 3), names the connection if asked and selects the database; with none of these to do it sends one
   * PING, so that a connection that the server refuses (maxclients, LOADING, protected mode) is not taken for an open one.
   * Throws ConnectionError naming the target, or the signal's reason.
   */
  static open(address: Address, options: ConnectOptions): Promise<Connection> {
    const { promise, resolve, reject } = deferred<Connection>()
    if (options.signal.aborted) return Promise.reject(asError(options.signal.reason))
    const connection = new Connection(address, options)
    const commands = loginCommands(address, options)
    let answered = 0
    let heard: Buffer = Buffer.alloc(0)

    const settle = (error: Error | undefined) => {
      clearTimeout(timer)
      options.signal.removeEventListener('abort', onAbort)
      connection.onBytes = ignore
      connection.onClose = ignore
      if (!error) return resolve(connection)
      connection.destroy()
      reject(error)
    }
    const onAbort = () => settle(asError(options.signal.reason))
    const timer = setTimeout(() => settle(timeoutFailure(address, options.timeoutMs, 'when connecting')), options.timeoutMs)
    options.signal.addEventListener('abort', onAbort, { once: true })

    const decoder = new Decoder({
      onReply(reply: Reply) {
        if (reply instanceof ReplyError && !isAcceptable(reply, commands[answered])) settle(refusal(address, reply))
        else if (++answered === commands.length) settle(undefined)
      },
    })
    connection.onBytes = (buffer, length) => {
      const bytes = Buffer.from(buffer.buffer, buffer.byteOffset, length)
      if (heard.length < 60) heard = Buffer.concat([heard, bytes.subarray(0, 60)])
      try {
        decoder.push(bytes)
      } catch (error) {
        settle(error instanceof ProtocolError ? notRedis(address, heard) : asError(error))
      }
    }
    connection.onClose = (error) => settle(heard.length === 0 && !connection.#error ? closedAtOnce(address) : error)
    connection.#socket.once(address.transport === 'tls' ? 'secureConnect' : 'connect', () => {
      connection.write(Buffer.concat(commands.map((args) => encodeCommand(args))))
    })
    return promise
  }

  /** Sends bytes as they are. */
  write(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  /** Ends the connection now; bytes not yet sent are lost. */
  destroy(): void {
    this.#destroyed = true
    this.#socket.destroy()
  }
}

type OnRead = (length: number, buffer: Uint8Array) => boolean

function openSocket(address: Address, buffer: Uint8Array, callback: OnRead): net.Socket {
  const onread = { buffer, callback }
  if (address.transport === 'unix') return net.connect({ path: address.path!, onread })
  if (address.transport === 'tcp') return net.connect({ host: address.host, port: address.port, noDelay: true, onread })
  const servername = address.tls?.servername ?? (net.isIP(address.host) ? '' : address.host)
  // @types/node does not know that tls.connect takes onread as net.connect does.
  const options: tls.ConnectionOptions & { onread: typeof onread } = {
    ...address.tls,
    host: address.host,
    port: address.port,
    servername,
    onread,
  }
  const socket = tls.connect(options)
  socket.setNoDelay(true)
  return socket
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

/** A user whose ACL denies PING was let in all the same. */
function isAcceptable(reply: ReplyError, command: string[] | undefined): boolean {
  return reply.code === 'NOPERM' && command?.[0] === 'PING'
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}

function ignore(): void {}

function deferred<T>() {
  let resolve!: (value: T) => void
  let reject!: (error: Error) => void
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

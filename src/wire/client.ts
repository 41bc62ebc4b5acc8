import { ConnectionError, RedlineError, messageOf } from '../core/errors.js'
import { safeText } from '../core/text.js'
import { type Address, displayAddress } from './address.js'
import { type ConnectOptions, Connection } from './connection.js'
import { Decoder, type Reply, ReplyError } from './decoder.js'
import { type Argument, encodeCommand } from './encode.js'
import { brokenProtocol, closedByUs, lateReply, wordsOf } from './failure.js'
import { noTraffic, type Traffic } from './traffic.js'

export interface ClientOptions extends ConnectOptions {
  /** How long the server may stay silent while a call waits for its reply, before the connection is given up; for ever by default. */
  replyTimeoutMs?: number
  /** Takes RESP3 pushes; they are dropped by default. */
  onPush?: (message: Reply[]) => void
}

/** A command that the server answered with an error. */
export class CommandError extends RedlineError {
  readonly reply: ReplyError

  constructor(address: Address, command: string, reply: ReplyError) {
    const hint = reply.code === 'NOPERM' ? 'allow the user this command in its ACL' : undefined
    super(`${displayAddress(address)} answered ${safeText(command)} with ${safeText(wordsOf(reply))}`, hint === undefined ? {} : { hint })
    this.reply = reply
  }
}

interface Pending {
  /** Name of the command, without its arguments: those may be secret. */
  command: string
  /** How many replies it waits for, and those that are there. */
  count: number
  replies: Reply[]
  resolve(replies: Reply[]): void
  reject(error: Error): void
}

/**
 * Commands and their replies over one Connection, for control work: replies are matched to calls in order, as the
 * protocol has it. When the connection ends, everything that waits is rejected with why, and so is every later call.
 * Not for MONITOR and the SUBSCRIBE family, which break that order.
 */
export class Client {
  readonly address: Address
  readonly #connection: Connection
  readonly #pending = new Queue<Pending>()
  readonly #replyTimeoutMs: number | undefined
  readonly #traffic: Traffic
  #timer: NodeJS.Timeout | undefined
  #ended: Error | undefined

  private constructor(address: Address, connection: Connection, options: ClientOptions) {
    this.address = address
    this.#connection = connection
    this.#replyTimeoutMs = options.replyTimeoutMs
    this.#traffic = options.traffic ?? noTraffic()
    const onPush = options.onPush ?? (() => undefined)
    const decoder = new Decoder({ onReply: (reply) => this.#answer(reply), onPush })
    connection.onBytes = (buffer, length) => {
      try {
        decoder.push(Buffer.from(buffer.buffer, buffer.byteOffset, length))
      } catch (error) {
        this.#end(brokenProtocol(address, error instanceof Error ? error : new Error(messageOf(error))))
      }
      this.#watch()
    }
    connection.onClose = (error) => this.#end(error ?? closedByUs(address))
  }

  /** Connects and logs in. Throws ConnectionError, or the signal's reason. */
  static async open(address: Address, options: ClientOptions): Promise<Client> {
    return new Client(address, await Connection.open(address, options), options)
  }

  /** Sends one command. Throws CommandError when the reply is an error, ConnectionError when there will be no reply. */
  async call(...args: Argument[]): Promise<Reply> {
    const name = commandName(args)
    const [reply = null] = await this.callEncoded(name, encodeCommand(args), 1)
    if (reply instanceof ReplyError) throw new CommandError(this.address, name, reply)
    return reply
  }

  /** Sends commands in one go. The replies are in their order, errors among them. Throws ConnectionError when any stays unanswered. */
  async callAll(commands: readonly (readonly Argument[])[]): Promise<Reply[]> {
    const bytes = Buffer.concat(commands.map((args) => encodeCommand(args)))
    return this.callEncoded(commandName(commands[0] ?? []), bytes, commands.length)
  }

  /**
   * Sends `count` commands that are encoded already, for whoever sends the same ones again and again; `name` is what errors call
   * them. The replies are in their order, errors among them. Throws ConnectionError when any stays unanswered.
   */
  callEncoded(name: string, bytes: Uint8Array, count: number): Promise<Reply[]> {
    if (this.#ended) return Promise.reject(this.#ended)
    if (count === 0) return Promise.resolve([])
    return new Promise((resolve, reject) => {
      this.#pending.push({ command: name, count, replies: [], resolve, reject })
      this.#traffic.commands += count
      this.#connection.write(bytes)
      this.#timer ??= this.#startTimer()
    })
  }

  /** Ends the connection now; what still waits is rejected. */
  close(): void {
    this.#end(closedByUs(this.address))
  }

  #answer(reply: Reply): void {
    const call = this.#pending.first
    if (!call) throw new ConnectionError('a reply to nothing that was asked')
    call.replies.push(reply)
    if (call.replies.length < call.count) return
    this.#pending.shift()
    call.resolve(call.replies)
  }

  #startTimer(): NodeJS.Timeout | undefined {
    if (this.#replyTimeoutMs === undefined) return undefined
    const timeoutMs = this.#replyTimeoutMs
    return setTimeout(() => this.#end(lateReply(this.address, timeoutMs, this.#pending.first?.command ?? '')), timeoutMs)
  }

  /** The server is alive: its time starts anew, or stops when nothing waits. */
  #watch(): void {
    if (this.#pending.first) this.#timer?.refresh()
    else {
      clearTimeout(this.#timer)
      this.#timer = undefined
    }
  }

  #end(error: Error): void {
    if (this.#ended) return
    this.#ended = error
    clearTimeout(this.#timer)
    this.#connection.destroy()
    for (let call = this.#pending.shift(); call; call = this.#pending.shift()) call.reject(error)
  }
}

/** The name of a command for an error message. */
function commandName(args: readonly Argument[]): string {
  const name = args[0] ?? ''
  return typeof name === 'object' ? Buffer.from(name).toString('latin1').slice(0, 40) : String(name).slice(0, 40)
}

/** First in, first out; unlike Array.shift its cost does not grow with its length. */
class Queue<T> {
  #items: (T | undefined)[] = []
  #head = 0

  get first(): T | undefined {
    return this.#items[this.#head]
  }

  push(item: T): void {
    this.#items.push(item)
  }

  shift(): T | undefined {
    const item = this.#items[this.#head]
    if (item === undefined) return undefined
    this.#items[this.#head++] = undefined
    if (this.#head === this.#items.length) {
      this.#items = []
      this.#head = 0
    }
    return item
  }
}

/** The text of a string, bulk, number or boolean reply. Throws ConnectionError on anything else. */
export function asText(reply: Reply | undefined): string {
  if (typeof reply === 'string') return reply
  if (Buffer.isBuffer(reply)) return reply.toString()
  if (typeof reply === 'number' || typeof reply === 'bigint' || typeof reply === 'boolean') return String(reply)
  throw unexpected('text', reply)
}

/** The number of an integer or double reply, or of a string that is one. Throws ConnectionError on anything else. */
export function asNumber(reply: Reply | undefined): number {
  const value = typeof reply === 'bigint' ? Number(reply) : typeof reply === 'number' ? reply : Number(asText(reply) || NaN)
  if (Number.isNaN(value)) throw unexpected('a number', reply)
  return value
}

/** The elements of an array or set reply. Throws ConnectionError on anything else. */
export function asArray(reply: Reply | undefined): Reply[] {
  if (Array.isArray(reply)) return reply
  throw unexpected('an array', reply)
}

/** The pairs of a map, which RESP2 sends as a flat array, by the text of their keys. Throws ConnectionError on anything else. */
export function asMap(reply: Reply | undefined): Map<string, Reply> {
  const flat = reply instanceof Map ? [...reply].flat() : asArray(reply)
  const map = new Map<string, Reply>()
  for (let i = 0; i + 1 < flat.length; i += 2) map.set(asText(flat[i]), flat[i + 1]!)
  return map
}

function unexpected(wanted: string, reply: Reply | undefined): ConnectionError {
  const got = reply instanceof ReplyError ? `the error ${safeText(wordsOf(reply))}` : kindOf(reply)
  return new ConnectionError(`the server answered ${got} where ${wanted} was expected`, { hint: 'is there a proxy in between?' })
}

function kindOf(reply: Reply | undefined): string {
  if (reply === undefined) return 'nothing'
  if (reply === null) return 'null'
  if (Array.isArray(reply)) return 'an array'
  return reply instanceof Map ? 'a map' : 'text'
}

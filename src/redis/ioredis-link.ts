import { Redis } from 'ioredis'
import type { Address } from '../wire/address.js'
import { CommandError } from '../wire/client.js'
import { ReplyError } from '../wire/decoder.js'
import { closedAtOnce, closedByUs, connectionLost, refusal, socketFailure, timeoutFailure } from '../wire/failure.js'
import { ioredisOptions } from './ioredis-options.js'

export interface IoredisLinkOptions {
  protocol: 2 | 3
  /** Time for connecting and logging in together. */
  timeoutMs: number
  /** Ends opening, which then rejects with its reason. */
  signal: AbortSignal
}

/**
 * One connection of ioredis, as an application has it: replies are built, strings decoded as UTF-8. Failures are those of our own
 * connections: CommandError for an error reply, ConnectionError when there will be none.
 */
export interface IoredisLink {
  /** Sends one command. */
  send(args: readonly (string | Buffer)[]): Promise<unknown>
  /** Sends commands with one pipeline; as in an application, all settle when the last reply is there. */
  sendMany(list: readonly (readonly (string | Buffer)[])[]): Promise<unknown>[]
  /** Ends the connection now; what still waits is rejected. */
  close(): void
}

/** Connects, logs in and selects the database. Throws ConnectionError, or the signal's reason. */
export async function openIoredis(address: Address, options: IoredisLinkOptions): Promise<IoredisLink> {
  options.signal.throwIfAborted()
  const link = new Link(address, options.protocol)
  try {
    await within(link, address, options)
    return link
  } catch (error) {
    link.close()
    throw error
  }
}

/** Opens a link under a time limit and the signal. */
async function within(link: Link, address: Address, { timeoutMs, signal }: IoredisLinkOptions): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  let onAbort: (() => void) | undefined
  const givenUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(timeoutFailure(address, timeoutMs, link.stage)), timeoutMs)
    onAbort = () => reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)))
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    await Promise.race([link.open(), givenUp])
  } finally {
    clearTimeout(timer)
    if (onAbort) signal.removeEventListener('abort', onAbort)
  }
}

class Link implements IoredisLink {
  readonly #address: Address
  readonly #protocol: 2 | 3
  readonly #redis: Redis
  /** The first error of the socket, which ioredis tells beside the commands that fail for it. */
  #failure: Error | undefined
  #closed = false

  constructor(address: Address, protocol: 2 | 3) {
    this.#address = address
    this.#protocol = protocol
    this.#redis = new Redis(ioredisOptions(address, protocol))
    this.#redis.on('error', (error: Error) => {
      this.#failure ??= error
    })
  }

  /** How far opening has come. */
  get stage(): 'connecting' | 'securing' | 'answering' {
    if (this.#redis.status !== 'connecting') return 'answering'
    return this.#address.transport === 'tls' ? 'securing' : 'connecting'
  }

  async open(): Promise<void> {
    try {
      await this.#redis.connect()
      for (const [name, ...args] of this.#login()) await this.#redis.call(name, ...args)
    } catch (error) {
      throw this.#openFailure(error)
    }
  }

  async send(args: readonly (string | Buffer)[]): Promise<unknown> {
    const [name, ...rest] = args
    try {
      return await this.#redis.call(String(name), ...rest)
    } catch (error) {
      throw this.#failureOf(error, String(name))
    }
  }

  sendMany(list: readonly (readonly (string | Buffer)[])[]): Promise<unknown>[] {
    if (list.length === 1) return [this.send(list[0]!)]
    const pipeline = this.#redis.pipeline()
    for (const [name, ...rest] of list) pipeline.call(String(name), ...rest)
    const all = pipeline.exec()
    return list.map(async (args, i) => {
      const [error, reply] = (await all.catch((error: unknown) => [[error] as const]))?.[i] ?? [new Error('no reply')]
      if (error) throw this.#failureOf(error, String(args[0]))
      return reply
    })
  }

  close(): void {
    this.#closed = true
    this.#redis.disconnect()
  }

  /** What ioredis does not send, or does not look at the answer of. */
  #login(): [string, ...string[]][] {
    const { username, password, db } = this.#address
    const commands: [string, ...string[]][] = []
    // ioredis falls back to RESP2 without a word when HELLO 3 is refused; asked again, the server says so.
    if (this.#protocol === 3) commands.push(['HELLO', '3'])
    else if (username !== undefined) commands.push(['AUTH', username, password ?? ''])
    else if (password !== undefined) commands.push(['AUTH', password])
    if (db !== 0) commands.push(['SELECT', String(db)])
    return commands.length > 0 ? commands : [['PING']]
  }

  #openFailure(thrown: unknown): Error {
    const cause = this.#failure ?? thrown
    if (isErrorReply(cause)) return refusal(this.#address, new ReplyError(cause.message))
    return isClosed(cause) ? closedAtOnce(this.#address) : socketFailure(this.#address, cause)
  }

  #failureOf(thrown: unknown, command: string): Error {
    if (isErrorReply(thrown)) return new CommandError(this.#address, command, new ReplyError(thrown.message))
    if (this.#closed) return closedByUs(this.#address)
    const cause = this.#failure ?? thrown
    return isClosed(cause) ? connectionLost(this.#address) : socketFailure(this.#address, cause)
  }
}

/** What redis-errors calls a ReplyError; it has no types. */
function isErrorReply(thrown: unknown): thrown is Error {
  return thrown instanceof Error && thrown.name === 'ReplyError'
}

/** What ioredis says of a connection that is no more. */
function isClosed(thrown: unknown): boolean {
  return thrown instanceof Error && /^Connection is closed|^Stream isn't writeable/.test(thrown.message)
}

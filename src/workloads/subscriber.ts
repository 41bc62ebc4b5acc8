import { Connection, type ConnectOptions } from '../wire/connection.js'
import type { Address } from '../wire/address.js'
import { Decoder } from '../wire/decoder.js'
import { encodeCommand } from '../wire/encode.js'

/** A connection that listens to one channel, which `Client` can't: its replies are not one for each command. */
export class Subscriber {
  readonly #connection: Connection
  /** Resolves when the server ends the connection, or `close` does. */
  readonly ended: Promise<void>

  private constructor(connection: Connection) {
    this.#connection = connection
    this.ended = new Promise((resolve) => {
      connection.onClose = () => resolve()
    })
  }

  /** Connects and subscribes; resolves when the server has confirmed it. Throws ConnectionError. */
  static async open(address: Address, options: ConnectOptions, channel: string, onMessage: (payload: Buffer) => void): Promise<Subscriber> {
    const connection = await Connection.open(address, { ...options, protocol: 2 })
    const subscriber = new Subscriber(connection)
    const confirmed = new Promise<void>((resolve) => {
      const decoder = new Decoder({
        onReply(reply) {
          const [kind, , payload] = Array.isArray(reply) ? reply : []
          if (Buffer.isBuffer(kind) && kind.equals(SUBSCRIBE)) resolve()
          else if (Buffer.isBuffer(payload)) onMessage(payload)
        },
        onPush: () => undefined,
      })
      connection.onBytes = (buffer, length) => decoder.push(Buffer.from(buffer.buffer, buffer.byteOffset, length))
    })
    connection.write(encodeCommand(['SUBSCRIBE', channel]))
    await Promise.race([confirmed, subscriber.ended])
    return subscriber
  }

  close(): void {
    this.#connection.destroy()
  }
}

const SUBSCRIBE = Buffer.from('subscribe')

import type { Connection } from '../../wire/connection.js'
import { ReplyScanner } from '../../wire/scanner.js'
import type { RequestStream } from '../generators/request-stream.js'
import type { Lane } from './lane.js'

/** Sends the requests of a stream over redline's own connection and counts replies without building them. */
export class WireLane implements Lane {
  onReplies: Lane['onReplies'] = () => undefined
  onLost: Lane['onLost'] = () => undefined
  isOpen = true
  readonly #connection: Connection
  readonly #stream: RequestStream
  readonly #scanner = new ReplyScanner()

  constructor(connection: Connection, stream: RequestStream) {
    this.#connection = connection
    this.#stream = stream
    connection.onBytes = (buffer, length) => this.#receive(buffer, length)
    connection.onClose = (error) => {
      this.isOpen = false
      if (error) this.onLost(error)
    }
  }

  get errors(): ReadonlyMap<string, number> {
    return this.#scanner.errors
  }

  send(count: number): void {
    // The stream patches the bytes of earlier batches. The kernel has taken those by now, unless they still wait for room
    // in the socket's buffer, as they may in an open loop.
    if (!this.#connection.idle) this.#stream.detach()
    this.#connection.write(this.#stream.encode(count))
  }

  close(): void {
    this.isOpen = false
    this.#connection.destroy()
  }

  #receive(buffer: Uint8Array, length: number): void {
    let replies: number
    try {
      replies = this.#scanner.scan(buffer, length)
    } catch (error) {
      this.close()
      this.onLost(error instanceof Error ? error : new Error(String(error)))
      return
    }
    // One reading of the clock for all replies of a chunk: they became visible at the same moment.
    if (replies > 0) this.onReplies(replies, performance.now())
  }
}

const FIRST_BYTES = 64 * 1024
/** What is larger is given back after use. */
const KEPT_BYTES = 2 * 1024 ** 2

/**
 * The bytes of requests, put together for one write. Long names are not copied: they are sent from where they lie, between the
 * parts that were written here.
 */
export class RequestBuffer {
  /** Where to write the next bytes: `room` makes sure that there is room, and `length` is moved by whoever writes. */
  bytes: Buffer = Buffer.allocUnsafe(FIRST_BYTES)
  length = 0
  #begin = 0
  #parts: Uint8Array[] = []

  /** Makes room for so many bytes at `bytes[length]`. What was written stays where it is. */
  room(needed: number): void {
    if (this.length + needed <= this.bytes.length) return
    this.#cut()
    this.bytes = Buffer.allocUnsafe(Math.max(needed, this.bytes.length * 2))
    this.length = 0
    this.#begin = 0
  }

  /** Appends plain ASCII. */
  text(text: string): void {
    this.room(text.length)
    this.length += this.bytes.write(text, this.length, 'latin1')
  }

  /** Appends bytes that will stay as they are until they have been sent. */
  share(bytes: Uint8Array): void {
    this.#cut()
    this.#parts.push(bytes)
  }

  /** Hands out all bytes, in order, in one part where nothing is shared. They stay here until `clear`. */
  flush(write: (bytes: Uint8Array) => void): void {
    this.#cut()
    for (const part of this.#parts) write(part)
    this.#parts = []
  }

  /** Begins anew, over bytes that have been sent. */
  clear(): void {
    if (this.bytes.length > KEPT_BYTES) this.bytes = Buffer.allocUnsafe(FIRST_BYTES)
    this.length = 0
    this.#begin = 0
    this.#parts = []
  }

  #cut(): void {
    if (this.length > this.#begin) this.#parts.push(this.bytes.subarray(this.#begin, this.length))
    this.#begin = this.length
  }
}

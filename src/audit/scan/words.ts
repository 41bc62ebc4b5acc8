/** More types and encodings than any server has, modules included; a server that makes up names can't fill our memory. */
const MAX_WORDS = 255
const MAX_WORD_BYTES = 64
const SLOTS = 1024

/** The id of every word that is too long, or came when there was no room left. Its text is empty. */
export const UNKNOWN_WORD = 0

/** Gives each of a few short words (types, encodings) a small number, without making a string of it more than once. */
export class Words {
  readonly #texts: string[] = ['']
  readonly #bytes: Uint8Array[] = [new Uint8Array(0)]
  /** Open addressing; 0 is free. */
  readonly #slots = new Uint16Array(SLOTS)

  /** The number of the word `buffer[from..until)`, from 0 to 255. */
  idOf(buffer: Uint8Array, from: number, until: number): number {
    const length = until - from
    if (length === 0 || length > MAX_WORD_BYTES) return UNKNOWN_WORD
    let slot = (length * 31 + buffer[from]! * 7 + buffer[until - 1]! * 131 + buffer[from + (length >> 1)]! * 17) & (SLOTS - 1)
    for (;;) {
      const id = this.#slots[slot]!
      if (id === 0) return this.#add(slot, buffer, from, until)
      if (isSame(this.#bytes[id]!, buffer, from, length)) return id
      slot = (slot + 1) & (SLOTS - 1)
    }
  }

  /** The number of a word that is plain ASCII. */
  idOfText(word: string): number {
    const bytes = Buffer.from(word, 'latin1')
    return this.idOf(bytes, 0, bytes.length)
  }

  textOf(id: number): string {
    return this.#texts[id]!
  }

  #add(slot: number, buffer: Uint8Array, from: number, until: number): number {
    const id = this.#texts.length
    if (id > MAX_WORDS) return UNKNOWN_WORD
    this.#bytes.push(buffer.slice(from, until))
    this.#texts.push(Buffer.from(buffer.buffer, buffer.byteOffset + from, until - from).toString('latin1'))
    this.#slots[slot] = id
    return id
  }
}

function isSame(word: Uint8Array, buffer: Uint8Array, from: number, length: number): boolean {
  if (word.length !== length) return false
  for (let i = 0; i < length; i++) if (word[i] !== buffer[from + i]) return false
  return true
}

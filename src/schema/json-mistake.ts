/**
 * Where a text stops being JSON (RFC 8259): the offset of the first character that can't stand where it does, which is the length of
 * the text when it ends too early; undefined when it is JSON. JSON.parse tells the offset of some mistakes only, and in words that
 * change with the version of V8.
 */
export function jsonMistakeAt(text: string): number | undefined {
  const reader = new Reader(text)
  const isJson = reader.readDocument()
  return isJson ? undefined : reader.at
}

/** Each read method moves past what it names and says whether it was there; where it was not, `at` is the offset of the mistake. */
class Reader {
  at = 0
  readonly #text: string
  /** The closing brackets that are due, innermost last: a stack of our own, because hostile nesting would exhaust the call stack. */
  readonly #due: ('}' | ']')[] = []

  constructor(text: string) {
    this.#text = text
  }

  readDocument(): boolean {
    this.#take(SPACE)
    do {
      if (!this.#readMember()) return false
      while (this.#due.length > 0 && this.#skip(this.#due.at(-1)!)) this.#due.pop()
    } while (this.#due.length > 0 && this.#skip(','))
    return this.#due.length === 0 && this.at === this.#text.length
  }

  /** An element of whatever is open, down to its first scalar or empty container. */
  #readMember(): boolean {
    for (;;) {
      if (this.#due.at(-1) === '}' && !(this.#readString() && this.#skip(':'))) return false
      const container = this.#skip('{') ? '}' : this.#skip('[') ? ']' : undefined
      if (container === undefined) return this.#readScalar()
      if (this.#skip(container)) return true
      this.#due.push(container)
    }
  }

  #readScalar(): boolean {
    const word = WORDS.find(([first]) => first === this.#text[this.at])
    const isScalar = this.#text[this.at] === '"' ? this.#readString() : word === undefined ? this.#readNumber() : this.#readWord(word)
    return isScalar && this.#take(SPACE)
  }

  #readString(): boolean {
    if (!this.#take(/"/y)) return false
    this.#take(PLAIN)
    while (this.#take(/\\/y)) {
      if (!this.#readEscape()) return false
      this.#take(PLAIN)
    }
    return this.#take(/"/y)
  }

  #readEscape(): boolean {
    if (!this.#take(/u/y)) return this.#take(/["\\/bfnrt]/y)
    return [1, 2, 3, 4].every(() => this.#take(/[\da-f]/iy))
  }

  #readWord(word: string): boolean {
    const end = this.at + word.length
    while (this.at < end && this.#text[this.at] === word.at(this.at - end)) this.at++
    return this.at === end
  }

  #readNumber(): boolean {
    this.#take(/-/y)
    if (!this.#take(/0|[1-9]\d*/y)) return false
    if (this.#take(/\./y) && !this.#take(/\d+/y)) return false
    if (!this.#take(/e/iy)) return true
    this.#take(/[+-]/y)
    return this.#take(/\d+/y)
  }

  /** A punctuation mark with the white space around it. */
  #skip(mark: string): boolean {
    this.#take(SPACE)
    if (this.#text[this.at] !== mark) return false
    this.at++
    this.#take(SPACE)
    return true
  }

  #take(sticky: RegExp): boolean {
    sticky.lastIndex = this.at
    if (!sticky.test(this.#text)) return false
    this.at = sticky.lastIndex
    return true
  }
}

const WORDS = ['true', 'false', 'null']
const SPACE = /[ \t\n\r]*/y
/** What stands in a string as it is: all but quotes, backslashes and control characters. */
const PLAIN = /[ !#-[\]-\uffff]*/y

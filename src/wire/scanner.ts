/** The server sent bytes that are not RESP. The connection can't be used any further. */
export class ScanError extends Error {}

const LF = 10
const CR = 13
const MINUS = 45
const ZERO = 48

/** What the next byte means. */
const TYPE = 0
const LENGTH = 1
const LINE = 2
const PAYLOAD = 3
const ERROR_CODE = 4

const MAX_CODE_LENGTH = 32
const MAX_CODES = 100
/** A length line holds at most the digits of 2^53, a sign and CRLF. */
const MAX_LENGTH_DIGITS = 16

/**
 * The end of a simple string, an integer or a bulk string that begins at `at` and lies whole within `length`; 0 when what stands there is
 * anything else, or not all of it is here.
 */
function wholeReply(buffer: Uint8Array, at: number, length: number): number {
  const type = buffer[at]!
  let i = at + 1
  if (type === 43 || type === 58) {
    while (i < length && buffer[i] !== LF) i++
    return i < length ? i + 1 : 0
  }
  if (type !== 36) return 0
  let size = 0
  for (; i < length && i < at + 10; i++) {
    const digit = buffer[i]! - ZERO
    if (digit < 0 || digit > 9) break
    size = size * 10 + digit
  }
  // The nil of RESP2, `$-1`.
  if (i === at + 1 && buffer[i] === MINUS && i + 3 < length && buffer[i + 1] === 49 && buffer[i + 2] === CR && buffer[i + 3] === LF)
    return i + 4
  // A length that is split or wrong: the state machine knows.
  if (i === at + 1 || i + 1 >= length || buffer[i] !== CR || buffer[i + 1] !== LF) return 0
  const end = i + 2 + size + 2
  return end <= length ? end : 0
}

/**
 * Counts complete replies in a stream of RESP2 or RESP3 bytes without building any of them.
 *
 * The hot path of every load: a reply costs a few byte comparisons and no allocation, whatever its size. Aggregates need
 * no stack, because a reply is over when as many elements have been seen as its headers announced. Replies may be split anywhere;
 * the scanner keeps its place between calls. Follows the RESP specification (redis.io/docs/reference/protocol-spec);
 * streamed strings and aggregates (`$?`), which no server sends, are refused.
 */
export class ReplyScanner {
  /** Error replies by code, the first word after the dash; nested ones (inside EXEC's reply, say) count too. */
  readonly errors = new Map<string, number>()

  #state = TYPE
  /** Type byte of the length being read. */
  #type = 0
  #length = 0
  #digits = 0
  #negative = false
  /** Bytes of a payload, with its CRLF, still to come. */
  #skip = 0
  /** Elements still to come until the current top-level reply is complete; 0 between replies. */
  #open = 0
  /** The current top-level element is a push message, which answers no request. */
  #push = false
  #code = ''

  /**
   * Takes in `length` bytes of `buffer` and returns how many replies became complete in them. Throws ScanError when
   * they can't be RESP.
   */
  scan(buffer: Uint8Array, length: number): number {
    let replies = 0
    let i = 0
    while (i < length) {
      if (this.#state === TYPE && this.#open === 0) {
        // Most replies lie whole in the chunk and are one line or one bulk string: counted here, without the state machine.
        const end = wholeReply(buffer, i, length)
        if (end > 0) {
          replies++
          i = end
          continue
        }
      }
      switch (this.#state) {
        case TYPE: {
          const type = buffer[i++]!
          if (this.#open === 0) {
            this.#open = 1
            this.#push = type === 62
          }
          switch (type) {
            case 43: // + simple string
            case 58: // : integer
            case 95: // _ null
            case 35: // # boolean
            case 44: // , double
            case 40: // ( big number
              this.#state = LINE
              break
            case 45: // - error
              this.#code = ''
              this.#state = ERROR_CODE
              break
            case 36: // $ bulk string
            case 42: // * array
            case 37: // % map
            case 126: // ~ set
            case 61: // = verbatim string
            case 33: // ! bulk error
            case 62: // > push
            case 124: // | attribute
              this.#type = type
              this.#length = 0
              this.#digits = 0
              this.#negative = false
              this.#state = LENGTH
              break
            default:
              throw new ScanError(`byte ${type} where the type of a reply should stand`)
          }
          break
        }
        case LENGTH: {
          const byte = buffer[i++]!
          if (byte >= ZERO && byte <= 57) {
            if (++this.#digits > MAX_LENGTH_DIGITS) throw new ScanError('a length with too many digits')
            this.#length = this.#length * 10 + (byte - ZERO)
          } else if (byte === LF) {
            replies += this.#lengthKnown()
          } else if (byte === MINUS && this.#digits === 0 && !this.#negative) {
            this.#negative = true
          } else if (byte !== CR || this.#digits === 0) {
            throw new ScanError(`byte ${byte} in a length`)
          }
          break
        }
        case PAYLOAD: {
          const taken = Math.min(this.#skip, length - i)
          this.#skip -= taken
          i += taken
          if (this.#skip === 0) replies += this.#elementDone()
          break
        }
        case LINE: {
          while (i < length && buffer[i] !== LF) i++
          if (i < length) {
            i++
            replies += this.#elementDone()
          }
          break
        }
        case ERROR_CODE: {
          const byte = buffer[i]!
          if (byte > 32 && this.#code.length < MAX_CODE_LENGTH) {
            this.#code += byte < 127 ? String.fromCharCode(byte) : '?'
            i++
          } else {
            this.#countError(this.#code)
            this.#state = LINE
          }
          break
        }
        default:
          throw new Error('unreachable')
      }
    }
    return replies
  }

  #lengthKnown(): number {
    if (this.#digits === 0) throw new ScanError('an empty length')
    const type = this.#type
    if (this.#negative) {
      if (this.#length !== 1 || (type !== 36 && type !== 42)) throw new ScanError('a negative length')
      return this.#elementDone()
    }
    if (type === 36 || type === 61 || type === 33) {
      if (type === 33) this.#countError('bulk error')
      this.#skip = this.#length + 2
      this.#state = PAYLOAD
      return 0
    }
    // An attribute announces pairs and leaves the element that it describes still to come.
    const elements = type === 37 ? this.#length * 2 : type === 124 ? this.#length * 2 + 1 : this.#length
    this.#open += elements
    return this.#elementDone()
  }

  /** A hostile server may have no end of codes: those beyond the first hundred count together. */
  #countError(code: string): void {
    const name = this.errors.has(code) || this.errors.size < MAX_CODES ? code : 'other codes'
    this.errors.set(name, (this.errors.get(name) ?? 0) + 1)
  }

  #elementDone(): number {
    this.#state = TYPE
    return --this.#open === 0 && !this.#push ? 1 : 0
  }
}

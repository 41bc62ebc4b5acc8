const STAR = 0x2a
const QUESTION = 0x3f
const OPEN = 0x5b
const CLOSE = 0x5d
const CARET = 0x5e
const BACKSLASH = 0x5c
const DASH = 0x2d

/** One step of a glob: any number of bytes, or one byte out of a set. */
type Step = 'any' | Uint8Array

/**
 * A glob as SCAN MATCH and KEYS read it (stringmatchlen of Redis's util.c), on bytes: `*`, `?`, `[a-c]`, `[^a-c]`, and `\` before a
 * character that stands for itself. Takes time in proportion to glob times name at most, whatever they are.
 */
export class Glob {
  /** The bytes with which every match begins. */
  readonly prefix: Uint8Array
  /** How many parts of it match more than one text. */
  readonly variables: number
  readonly #steps: Step[]

  constructor(pattern: string) {
    const steps = stepsOf(Buffer.from(pattern))
    const literal = steps.findIndex((step) => singleByte(step) === undefined)
    const length = literal === -1 ? steps.length : literal
    this.prefix = Uint8Array.from(steps.slice(0, length), (step) => singleByte(step)!)
    this.#steps = steps.slice(length)
    this.variables = steps.filter((step) => singleByte(step) === undefined).length
  }

  matches(name: Uint8Array): boolean {
    const { prefix } = this
    if (name.length < prefix.length) return false
    for (let at = 0; at < prefix.length; at++) if (name[at] !== prefix[at]) return false
    return this.#restMatches(name, prefix.length)
  }

  /** Goes back to the last star only: an earlier one can't match better. */
  #restMatches(name: Uint8Array, start: number): boolean {
    const steps = this.#steps
    let [at, step, starStep, starAt] = [start, 0, -1, 0]
    while (at < name.length) {
      const current = steps[step]
      if (current === 'any') {
        if (step === steps.length - 1) return true
        starStep = step++
        starAt = at
      } else if (current !== undefined && current[name[at]!] === 1) {
        at++
        step++
      } else if (starStep === -1) return false
      else {
        step = starStep + 1
        at = ++starAt
      }
    }
    return steps.slice(step).every((left) => left === 'any')
  }
}

/** The only byte of a set; undefined when it has more, or none. */
function singleByte(step: Step): number | undefined {
  if (step === 'any') return undefined
  const first = step.indexOf(1)
  return first !== -1 && first === step.lastIndexOf(1) ? first : undefined
}

function stepsOf(pattern: Uint8Array): Step[] {
  const steps: Step[] = []
  for (let at = 0; at < pattern.length; at++) {
    const byte = pattern[at]!
    if (byte === STAR) {
      if (steps.at(-1) !== 'any') steps.push('any')
    } else if (byte === QUESTION) steps.push(new Uint8Array(256).fill(1))
    else if (byte === OPEN) {
      const [set, end] = readSet(pattern, at + 1)
      steps.push(set)
      at = end
    } else {
      if (byte === BACKSLASH && at + 1 < pattern.length) at++
      steps.push(setOf(pattern[at]!))
    }
  }
  return steps
}

const setOf = (byte: number) => new Uint8Array(256).fill(1, byte, byte + 1)

/** Reads `^a-z\]]` from behind the bracket; an unclosed set ends with the pattern, as in Redis. */
function readSet(pattern: Uint8Array, start: number): [set: Uint8Array, end: number] {
  const set = new Uint8Array(256)
  const negated = pattern[start] === CARET
  let at = negated ? start + 1 : start
  for (; at < pattern.length && pattern[at] !== CLOSE; at++) {
    if (pattern[at] === BACKSLASH && at + 1 < pattern.length) set[pattern[++at]!] = 1
    else if (pattern[at + 1] === DASH && at + 2 < pattern.length) {
      const [from, to] = [pattern[at]!, pattern[at + 2]!]
      set.fill(1, Math.min(from, to), Math.max(from, to) + 1)
      at += 2
    } else set[pattern[at]!] = 1
  }
  return [negated ? set.map((bit) => 1 - bit) : set, at]
}

/**
 * Whether a text matches a glob, by the same rules on its UTF-8: `?` is one byte, as for the server. A glob always matches its own text,
 * so that a pattern copied from a report names itself.
 */
export function globMatcher(pattern: string): (text: string) => boolean {
  const glob = new Glob(pattern)
  return (text) => text === pattern || glob.matches(Buffer.from(text))
}

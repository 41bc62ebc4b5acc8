/** The facts that are asked of each key, in the order in which they are asked. Its type follows from them, or is asked afterwards. */
export const PTTL = 0
export const MEMORY = 1
export const ENCODING = 2
export const IDLE = 3
export const FREQUENCY = 4
export type Fact = typeof PTTL | typeof MEMORY | typeof ENCODING | typeof IDLE | typeof FREQUENCY

/** The words of each command before the name of the key. */
export const FACT_COMMANDS: Record<Fact, readonly string[]> = {
  [PTTL]: ['PTTL'],
  // With the default of five samples; SAMPLES 0 takes 179 ms on a hash of a million fields.
  [MEMORY]: ['MEMORY', 'USAGE'],
  [ENCODING]: ['OBJECT', 'ENCODING'],
  [IDLE]: ['OBJECT', 'IDLETIME'],
  [FREQUENCY]: ['OBJECT', 'FREQ'],
}

/** A command that a server did not let us use, and what it said. Hostile text. */
export interface Refused {
  command: string
  why: string
}

/** Which facts one server still answers. A command that it refuses once is not asked again. */
export class FactList {
  /** In ascending order. Replaced, never changed: whoever began with one list ends with it. */
  asked: readonly Fact[]
  readonly refused: Refused[] = []

  constructor(idle: 'idletime' | 'freq' | 'none') {
    const wanted: Fact[] = [PTTL, MEMORY, ENCODING]
    if (idle === 'idletime') wanted.push(IDLE)
    if (idle === 'freq') wanted.push(FREQUENCY)
    this.asked = wanted
  }

  refuse(fact: Fact, why: string): void {
    if (!this.asked.includes(fact)) return
    this.asked = this.asked.filter((other) => other !== fact)
    this.refused.push({ command: FACT_COMMANDS[fact].join(' '), why })
  }
}

/** What an error in the place of a fact says: of the key, of the command, or of the server. */
export type Refusal = 'denied' | 'elsewhere' | 'command' | 'server'

/**
 * Tells what an error reply means for the scan. `denied`: this user may not read this key. `elsewhere`: the node does not serve the
 * slot of the key. `server`: nothing can be asked at the moment. `command`: anything else, as an unknown or forbidden command, or
 * OBJECT IDLETIME under an LFU policy.
 */
export function refusalOf(error: string): Refusal {
  const space = error.indexOf(' ')
  const code = space < 0 ? error : error.slice(0, space)
  if (code === 'NOPERM') return /\bkeys?\b/.test(error) && !/permissions to run/.test(error) ? 'denied' : 'command'
  if (code === 'MOVED' || code === 'ASK' || code === 'TRYAGAIN') return 'elsewhere'
  // The slot of this key belongs to no node; of a cluster that is down as a whole it says so.
  if (code === 'CLUSTERDOWN' && /slot not served/i.test(error)) return 'elsewhere'
  return SERVER_CODES.has(code) ? 'server' : 'command'
}

const SERVER_CODES: ReadonlySet<string> = new Set(['LOADING', 'MASTERDOWN', 'BUSY', 'NOAUTH', 'CLUSTERDOWN', 'NOREPLICAS', 'MISCONF'])

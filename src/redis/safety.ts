import { SafetyError } from '../core/errors.js'
import { quote } from '../core/text.js'
import { formatBytes, formatCount } from '../core/units.js'
import type { CommandFacts } from './keys.js'
import type { ServerFacts } from './server-facts.js'

/** What a user may allow by name on a server that redline did not start. */
export type Allowance = (typeof ALLOWANCES)[number]
export const ALLOWANCES = ['replica', 'memory', 'busy', 'dangerous'] as const

/** What a run is going to do to a server. */
export interface RunIntent {
  /** Memory that the run's data will take, roughly. */
  estimatedBytes: number
  commands: { line: string; facts: CommandFacts }[]
}

/** Above this share of maxmemory the server begins to evict, or to refuse writes, of everybody. */
const MEMORY_SHARE = 0.8
/** A server with more commands per second than this is at work for somebody. */
const BUSY_OPS_PER_SECOND = 1000

interface Objection {
  why: string
  /** The name that lifts it; undefined when nothing does. */
  lift: Allowance | undefined
}

/**
 * Whether a run may be let loose on a server that redline did not start: all that speaks against it, with the figures that were
 * seen and the option that lifts it; undefined when nothing does.
 */
export function preflight(facts: ServerFacts, intent: RunIntent, allow: ReadonlySet<Allowance>): SafetyError | undefined {
  const objections = [...serverObjections(facts), ...memoryObjections(facts, intent), ...intent.commands.flatMap(commandObjections)]
  const left = objections.filter(({ lift }) => lift === undefined || !allow.has(lift))
  if (left.length === 0) return undefined
  const lines = left.map(({ why, lift }) => (lift === undefined ? why : `${why} (--allow ${lift})`))
  const message = lines.length === 1 ? `not run: ${lines[0]}` : ['not run, because', ...lines.map((line) => `  ${line}`)].join('\n')
  return new SafetyError(message, { hint: hintFor(left) })
}

function hintFor(objections: Objection[]): string {
  const lifts = new Set(objections.map(({ lift }) => lift))
  const elsewhere = "measure a server of redline's own: leave out --target"
  if (lifts.has(undefined)) return elsewhere
  return `${elsewhere}, or, if you answer for it, add ${[...lifts].map((lift) => `--allow ${lift}`).join(' ')}`
}

function serverObjections(facts: ServerFacts): Objection[] {
  const objections: Objection[] = []
  if (facts.topology !== 'standalone')
    objections.push({ why: `the server is a ${facts.topology}, which run does not support yet`, lift: undefined })
  if (facts.loading) objections.push({ why: 'the server is still loading its data', lift: undefined })
  if (facts.role === 'replica')
    objections.push({ why: 'the server is a replica: what is written to it would differ from its master', lift: 'replica' })
  if (facts.opsPerSecond > BUSY_OPS_PER_SECOND) {
    const ops = formatCount(facts.opsPerSecond)
    objections.push({
      why: `the server is busy: it does ${ops} commands/s for others, above ${formatCount(BUSY_OPS_PER_SECOND)}`,
      lift: 'busy',
    })
  }
  return objections
}

function memoryObjections(facts: ServerFacts, { estimatedBytes }: RunIntent): Objection[] {
  const limit = MEMORY_SHARE * facts.maxmemoryBytes
  if (facts.maxmemoryBytes === 0 || facts.usedMemoryBytes + estimatedBytes <= limit) return []
  const [used, wanted, max] = [facts.usedMemoryBytes, estimatedBytes, facts.maxmemoryBytes].map((bytes) => formatBytes(bytes))
  const share = `${MEMORY_SHARE * 100}% of maxmemory ${max}`
  return [{ why: `memory would run short: ${used} in use and some ${wanted} to be written are above ${share}`, lift: 'memory' }]
}

function commandObjections({ line, facts }: RunIntent['commands'][number]): Objection[] {
  if (!facts.known) return [{ why: `${quote(line)}: the server does not know this command`, lift: undefined }]
  if (facts.admin) return [{ why: `${quote(line)} administers the server (@admin)`, lift: 'dangerous' }]
  if (facts.dangerous) return [{ why: `${quote(line)} may hurt the server or its data (@dangerous)`, lift: 'dangerous' }]
  if (facts.write && facts.keys.length === 0) {
    return [{ why: `${quote(line)} may write and names no key, so it can't be kept to the run's own keys`, lift: 'dangerous' }]
  }
  return []
}

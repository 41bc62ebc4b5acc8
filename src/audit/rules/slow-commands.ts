import { formatDuration } from '../../core/units.js'
import type { ConfigFacts, LoggedCommand, SlowCommand } from '../facts.js'
import type { Blindness } from '../rule.js'
import { ago, listed, times } from './wording.js'

/* What rules about the slow log have in common. Times of entries are Unix seconds. */

/** A slow log with a threshold of 0 holds everything; and what was slow last year says nothing of now. */
export interface SlowBounds {
  /** What took less is not slow, whatever the log's threshold; in milliseconds. */
  slow: number
  /** How far back entries count, in milliseconds. */
  within: number
}

/** The entries that were slow, and lately. */
export function slowLately(entries: readonly SlowCommand[], now: number, { slow, within }: SlowBounds): SlowCommand[] {
  return entries.filter((entry) => entry.microseconds >= slow * 1000 && isLate(entry, now, within))
}

/** Why a slow log without slow entries does not mean that nothing was slow: its threshold lets pass what was. */
export function unlogged(config: ConfigFacts | undefined, { slow }: SlowBounds): Blindness | undefined {
  const microseconds = Number(config?.get('slowlog-log-slower-than') ?? 0)
  if (microseconds >= 0 && microseconds <= slow * 1000) return undefined
  const logged = microseconds < 0 ? 'nothing' : `only what takes ${formatDuration(microseconds / 1000)} or longer`
  return { kind: 'not assessed', why: `${logged} is logged: slowlog-log-slower-than is ${microseconds}` }
}

/** Whether an entry is not older than `within` milliseconds. */
export function isLate({ at }: { at: number }, now: number, within: number): boolean {
  return now - at <= within / 1000
}

/** Entries by what `keyOf` says of them; those of which it says nothing are left out. */
export function grouped<T>(entries: readonly T[], keyOf: (entry: T) => string | undefined): Map<string, [T, ...T[]]> {
  const groups = new Map<string, [T, ...T[]]>()
  for (const entry of entries) {
    const key = keyOf(entry)
    if (key === undefined) continue
    const group = groups.get(key)
    if (group) group.push(entry)
    else groups.set(key, [entry])
  }
  return groups
}

/** The longest of them, in milliseconds. */
export function slowestMs(entries: readonly SlowCommand[]): number {
  return largest(entries.map(({ microseconds }) => microseconds)) / 1000
}

/** The largest number, or 0. Not Math.max: a log may hold more entries than a call takes arguments. */
export function largest(numbers: readonly number[]): number {
  return numbers.reduce((most, number) => Math.max(most, number), 0)
}

/** `12 times within 2h, last 5m ago`; `once, 5m ago`. */
export function occurrences(entries: readonly LoggedCommand[], now: number): string {
  const ages = entries.map(({ at }) => now - at)
  const newest = ages.reduce((least, age) => Math.min(least, age), Infinity)
  const last = ago(newest)
  if (entries.length === 1) return `once, ${last}`
  const spanSeconds = Math.max(1, largest(ages.map((age) => age - newest)))
  return `${times(entries.length)} within ${formatDuration(spanSeconds * 1000)}, last ${last}`
}

/** Who sent them, by name or else by address, each once: `worker-7 (10.0.0.7:51423), a script and 2 more`; undefined when nobody is known. */
export function senders(entries: readonly LoggedCommand[]): string | undefined {
  const known = new Map<string, string>()
  for (const { client, clientName } of entries) {
    const isScript = client === '' || client === '?:0'
    const who = isScript ? 'a script' : clientName || hostOf(client)
    if (!known.has(who)) known.set(who, isScript || clientName === '' ? who : `${clientName} (${client})`)
  }
  return known.size === 0 ? undefined : listed([...known.values()])
}

/** A port lives as long as its connection; the host stays. */
function hostOf(client: string): string {
  return client.replace(/:\d+$/, '')
}

/** EVAL, EVALSHA, FCALL and their read-only forms. */
export function isScriptCall({ command }: { command: string }): boolean {
  return /^(eval|evalsha|fcall)(_ro)?$/.test(command)
}

import type { ConfigFacts } from '../facts.js'
import type { Blindness } from '../rule.js'

/** A parameter as a number. In files one that stands nowhere has its default. Undefined where it may not be read, and for what is no number. */
export function numberParameter(config: ConfigFacts, name: string, byDefault: number): number | undefined {
  const text = config.get(name)?.trim()
  if (text === undefined) return config.source === 'files' ? byDefault : undefined
  const value = text === '' ? NaN : Number(text)
  return Number.isFinite(value) ? value : undefined
}

/** Whether a yes-or-no parameter is `no`; undefined where that is not known. In files one that stands nowhere has its default. */
export function isOff(config: ConfigFacts, name: string, byDefault?: 'yes' | 'no'): boolean | undefined {
  const value = config.get(name) ?? (config.source === 'files' ? byDefault : undefined)
  return value === undefined ? undefined : value.trim().toLowerCase() === 'no'
}

/** Why nothing can be said of a server that does not show its parameters, as managed services do. */
export function unreadable(config: ConfigFacts, ...names: string[]): Blindness | undefined {
  const hidden = names.filter((name) => config.get(name) === undefined)
  if (config.source === 'files' || hidden.length === 0) return undefined
  return { kind: 'not assessed', why: `the server does not show ${hidden.join(', ')}` }
}

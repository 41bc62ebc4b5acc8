import { Inventory, type InventoryOptions } from '#redline/audit/inventory/inventory.js'
import type { KeyRecord } from '#redline/audit/key-record.js'
import type { KeyspaceFacts, PatternFacts } from '#redline/audit/facts.js'
import { Rng } from '#redline/core/rng.js'

export const NOW = 1_800_000_000

/** A string of 100 bytes that never expires, unless it is said. */
export function record(name: string | Uint8Array, fields: Partial<Omit<KeyRecord, 'name'>> = {}): KeyRecord {
  return {
    name: typeof name === 'string' ? Buffer.from(name) : name,
    shard: 0,
    db: 0,
    type: 'string',
    encoding: 'embstr',
    bytes: 100,
    ttlMs: -1,
    afterMs: 0,
    idleSeconds: 60,
    frequency: undefined,
    elements: undefined,
    ...fields,
  }
}

export function inventory(options: Partial<InventoryOptions> = {}): Inventory {
  return new Inventory({ contracts: [], nowSeconds: NOW, mode: 'full', shards: ['a'], cluster: false, ...options })
}

export const SCANNED = { complete: true, strata: [], lengths: 'all', idleKnown: true } as const

export function factsOf(records: Iterable<KeyRecord>, options: Partial<InventoryOptions> = {}): KeyspaceFacts {
  const counted = inventory(options)
  for (const each of records) counted.add(each)
  return counted.finish(SCANNED)
}

/** Keys by pattern. */
export function patternsOf(names: Iterable<string | Uint8Array>, options: Partial<InventoryOptions> = {}): Record<string, number> {
  const records = Array.from(names, (name) => record(name))
  return Object.fromEntries(factsOf(records, options).patterns.map(({ pattern, keys }) => [pattern, keys.value]))
}

export function patternOf(facts: KeyspaceFacts, pattern: string): PatternFacts {
  const found = facts.patterns.find((each) => each.pattern === pattern)
  if (!found) throw new Error(`no pattern ${pattern} among ${facts.patterns.map((each) => each.pattern).join(', ')}`)
  return found
}

export const times = (count: number, make: (i: number) => string) => Array.from({ length: count }, (_, i) => make(i))

export function shuffled<T>(items: readonly T[], rng: Rng): T[] {
  const all = [...items]
  for (let i = all.length - 1; i > 0; i--) {
    const j = rng.below(i + 1)
    ;[all[i], all[j]] = [all[j]!, all[i]!]
  }
  return all
}

/** Identifiers as libraries draw them. */
export function randomText(rng: Rng, alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[rng.below(alphabet.length)]).join('')
}

export const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
export const BASE36 = 'abcdefghijklmnopqrstuvwxyz0123456789'
export const HEXADECIMAL = '0123456789abcdef'

export function uuid(rng: Rng): string {
  const hex = randomText(rng, HEXADECIMAL, 32)
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** Facts as data: maps and the functions without arguments as what they hold. */
export function asData(value: unknown): unknown {
  if (value instanceof Map) return [...value].map(asData)
  if (Array.isArray(value)) return value.map(asData)
  if (typeof value === 'function') return value.length === 0 ? asData(Reflect.apply(value, undefined, [])) : undefined
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, asData(each)]))
}

import { z } from 'zod'
import { withArticle } from '../core/text.js'
import { asMap, asNumber, asText, type Client } from '../wire/client.js'
import type { Argument } from '../wire/encode.js'
import type { Check, Outcome, Study, StudyContext } from './workload.js'

const paramsSchema = z.strictObject({
  type: z.enum(['hash', 'set', 'intset', 'zset', 'list']).default('hash').describe('what is encoded; intset: a set of integers'),
  command: z
    .enum(['find-switch', 'read', 'write', 'read-all'])
    .default('find-switch')
    .describe('find-switch: where the compact encoding ends; else what is timed, on keys of `elements`'),
  side: z
    .enum(['below', 'above', 'as-given'])
    .default('as-given')
    .describe('below: as many elements as the server keeps compact; above: one more; as-given: `elements`'),
  elements: z.int().min(1).max(100_000).default(64).describe('elements of each key, where the side is as-given'),
  value: z.int().min(1).max(10_000).default(16).describe('bytes of each value'),
})
type Params = z.infer<typeof paramsSchema>

const KEY = 'encoding:key'
/** Keys that are read and written in turn, so that no cache holds just one. */
const KEYS = 20
/** How far the switch is looked for: twice the usual limit and a bit, or some steps beyond the configured one. */
const MOST_ELEMENTS = 1100
const MOST_BYTES = 200
const BEYOND = 10

/** What differs from type to type. */
interface Kind {
  /** The compact encodings, as OBJECT ENCODING names them in one generation or another. */
  compact: readonly string[]
  /** Parameters that limit the number of elements, newest name first, and the length of an element. */
  entries: readonly string[]
  bytes: readonly string[]
  add(key: string, element: number, value: string): Argument[]
  read(key: string, element: number): Argument[]
  readAll(key: string): Argument[]
}

const KINDS: Record<Params['type'], Kind> = {
  hash: {
    compact: ['listpack', 'ziplist'],
    entries: ['hash-max-listpack-entries', 'hash-max-ziplist-entries'],
    bytes: ['hash-max-listpack-value', 'hash-max-ziplist-value'],
    add: (key, i, value) => ['HSET', key, `field:${i}`, value],
    read: (key, i) => ['HGET', key, `field:${i}`],
    readAll: (key) => ['HGETALL', key],
  },
  set: {
    compact: ['listpack'],
    entries: ['set-max-listpack-entries'],
    bytes: ['set-max-listpack-value'],
    add: (key, i, value) => ['SADD', key, elementOf(i, value)],
    read: (key, i) => ['SISMEMBER', key, `member:${i}`],
    readAll: (key) => ['SMEMBERS', key],
  },
  intset: {
    compact: ['intset'],
    entries: ['set-max-intset-entries'],
    bytes: [],
    add: (key, i) => ['SADD', key, i],
    read: (key, i) => ['SISMEMBER', key, i],
    readAll: (key) => ['SMEMBERS', key],
  },
  zset: {
    compact: ['listpack', 'ziplist'],
    entries: ['zset-max-listpack-entries', 'zset-max-ziplist-entries'],
    bytes: ['zset-max-listpack-value', 'zset-max-ziplist-value'],
    add: (key, i, value) => ['ZADD', key, i, elementOf(i, value)],
    read: (key, i) => ['ZRANGE', key, i, i],
    readAll: (key) => ['ZRANGE', key, 0, -1],
  },
  list: {
    compact: ['listpack'],
    entries: [],
    bytes: [],
    add: (key, i, value) => ['RPUSH', key, elementOf(i, value)],
    read: (key, i) => ['LINDEX', key, i],
    readAll: (key) => ['LRANGE', key, 0, -1],
  },
}

/** A value that no other element has, as long as `value` where its number leaves room. */
function elementOf(i: number, value: string): string {
  const name = `${i}:`
  return name + value.slice(Math.min(name.length, value.length - 1))
}

/**
 * How the server encodes small collections: up to how many elements and bytes they stay compact, what an element then takes, and what its commands
 * cost on both sides of the switch. What OBJECT ENCODING says is held against the configured limits at every point.
 */
export const encoding: Study<Params> = {
  id: 'encoding',
  summary: 'where the compact encoding of a type ends, and what elements and commands cost on both sides',
  params: paramsSchema,
  keys: () => [{ template: `${KEY}{i}`, count: KEYS }],
  commands: ({ type }) => {
    const kind = KINDS[type]
    return [kind.add(`${KEY}0`, 1, 'value'), kind.read(`${KEY}0`, 1), kind.readAll(`${KEY}0`)].map((command) => command.map(String))
  },

  async measure(params, context) {
    const client = await context.servers[0]!.connect()
    const kind = KINDS[params.type]
    const limits = await readLimits(client, kind)
    if (params.command === 'find-switch') return findSwitch(client, params, kind, limits, context)
    return timeCommands(client, params, kind, limits, context)
  },
}

interface Limits {
  /** Name and value of the limit of elements; undefined where the server has none of these parameters. */
  entries: { name: string; value: number } | undefined
  bytes: { name: string; value: number } | undefined
}

async function readLimits(client: Client, kind: Kind): Promise<Limits> {
  const first = async (names: readonly string[]) => {
    for (const name of names) {
      const value = asMap(await client.call('CONFIG', 'GET', name)).get(name)
      if (value !== undefined) return { name, value: asNumber(value) }
    }
    return undefined
  }
  return { entries: await first(kind.entries), bytes: await first(kind.bytes) }
}

/** Adds one element after the other, and makes one longer and longer, until the encoding is another. */
async function findSwitch(
  client: Client,
  params: Params,
  kind: Kind,
  limits: Limits,
  { prefix, record, signal }: StudyContext,
): Promise<Outcome> {
  const key = `${prefix}${KEY}0`
  const compactWhile = async (most: number, build: (n: number) => Argument[][]) => {
    await client.call('UNLINK', key)
    for (let n = 1; n <= most; n++) {
      signal.throwIfAborted()
      const began = performance.now()
      const replies = await client.callAll([...build(n), ['OBJECT', 'ENCODING', key]])
      record((performance.now() - began) * 1000)
      const seen = asText(replies.at(-1))
      if (!kind.compact.includes(seen)) return { last: n - 1, next: seen }
    }
    return { last: most, next: undefined }
  }
  const value = 'x'.repeat(params.value)
  const byElements = await compactWhile(farthest(limits.entries, MOST_ELEMENTS), (n) => [kind.add(key, n - 1, value)])
  const byBytes =
    kind.bytes.length === 0
      ? undefined
      : await compactWhile(farthest(limits.bytes, MOST_BYTES), (n) => [['UNLINK', key], kind.add(key, 0, 'x'.repeat(n))])
  return {
    measures: { switch_at: byElements.last, ...(byBytes && { switch_bytes: byBytes.last }) },
    checks: [
      ...agree('elements kept compact', limits.entries, byElements.last),
      ...(byBytes && byElements.last > 0 ? agree('bytes kept compact', limits.bytes, byBytes.last) : []),
    ],
    remarks: [switchWords(params, limits, byElements), ...(byBytes && byElements.last > 0 ? [bytesWords(limits, byBytes)] : [])],
  }
}

function farthest(limit: Limits['entries'], most: number): number {
  return Math.max(most, (limit?.value ?? 0) + BEYOND)
}

/** The server does what its configuration says. */
function agree(name: string, limit: Limits['entries'], observed: number): Check[] {
  if (!limit) return []
  return [{ name, expected: `${limit.value} (${limit.name})`, observed: String(observed), ok: observed === limit.value }]
}

type Found = { last: number; next: string | undefined }

const NOUNS: Record<Params['type'], string> = { hash: 'fields', set: 'members', intset: 'integers', zset: 'members', list: 'elements' }

function switchWords({ type }: Params, { entries }: Limits, { last, next }: Found): string {
  const why = entries ? ` (${entries.name} ${entries.value})` : ''
  if (next === undefined) return `no switch up to ${last} ${NOUNS[type]}${why}`
  if (last === 0) return `never compact: ${next} from the first of its ${NOUNS[type]} on`
  return `the switch to ${next} is at ${last} ${NOUNS[type]}${why}`
}

function bytesWords({ bytes }: Limits, { last, next }: Found): string {
  return next === undefined ? `no switch up to ${last} bytes` : `and at ${last} bytes of one value${bytes ? ` (${bytes.name})` : ''}`
}

/** Fills the keys, says what an element takes, and times the command until the round is over. */
async function timeCommands(client: Client, params: Params, kind: Kind, limits: Limits, context: StudyContext): Promise<Outcome> {
  const { prefix, durationMs, record, rng, signal } = context
  const elements = elementsOf(params, limits)
  const keys = Array.from({ length: KEYS }, (_, i) => `${prefix}${KEY}${String(i).padStart(String(KEYS - 1).length, '0')}`)
  const value = 'x'.repeat(params.value)
  for (const key of keys) {
    const empty = asNumber(await client.call('EXISTS', key)) === 0
    if (empty) await client.callAll(Array.from({ length: elements }, (_, i) => kind.add(key, i, value)))
  }
  const bytes = asNumber(await client.call('MEMORY', 'USAGE', keys[0]!, 'SAMPLES', 0))
  const seen = asText(await client.call('OBJECT', 'ENCODING', keys[0]!))

  const end = performance.now() + durationMs
  for (let now = performance.now(); now < end;) {
    signal.throwIfAborted()
    await client.call(...commandOf(params, kind, keys[rng.below(KEYS)]!, rng.below(elements), value))
    const answered = performance.now()
    record((answered - now) * 1000)
    now = answered
  }
  const compact = kind.compact.includes(seen)
  return {
    measures: { bytes_per_item: bytes / elements },
    checks: expectedSide(params, limits, elements, compact, seen),
    remarks: [sizeWords(params, elements, seen, bytes)],
  }
}

function sizeWords({ type, value }: Params, elements: number, seen: string, bytes: number): string {
  const [noun, are] = elements === 1 ? [NOUNS[type].slice(0, -1), 'is'] : [NOUNS[type], 'are']
  return `${elements} ${noun} of ${value} bytes ${are} ${withArticle(seen)} of ${bytes} bytes`
}

function elementsOf({ side, elements }: Params, { entries }: Limits): number {
  if (side === 'as-given' || !entries) return elements
  return side === 'below' ? entries.value : entries.value + 1
}

function commandOf({ command }: Params, kind: Kind, key: string, element: number, value: string): Argument[] {
  if (command === 'read-all') return kind.readAll(key)
  return command === 'write' ? kind.add(key, element, value) : kind.read(key, element)
}

function expectedSide({ value }: Params, { entries, bytes }: Limits, elements: number, compact: boolean, seen: string): Check[] {
  if (!entries) return []
  const expected = elements <= entries.value && value <= (bytes?.value ?? Infinity)
  const words = expected ? 'a compact encoding' : 'none'
  return [{ name: `encoding of ${elements} elements`, expected: words, observed: seen, ok: compact === expected }]
}

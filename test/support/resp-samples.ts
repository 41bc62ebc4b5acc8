import * as fc from 'fast-check'
import { type Reply, ReplyError } from '#redline/wire/decoder.js'

/** A value of the protocol: what it decodes to and, from an encoder that shares nothing with the decoder, its bytes. */
export interface Sample {
  reply: Reply
  bytes: Buffer
}

export const line = (type: string, text: string) => Buffer.from(`${type}${text}\r\n`)
export const bulk = (type: string, bytes: Buffer) => Buffer.concat([Buffer.from(`${type}${bytes.length}\r\n`), bytes, Buffer.from('\r\n')])
const lineText = fc.string({ maxLength: 40 }).map((text) => text.replace(/[\r\n]/g, ' '))
const binary = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes))

const resp2Scalar: fc.Arbitrary<Sample> = fc.oneof(
  lineText.map((text) => ({ reply: text, bytes: line('+', text) })),
  lineText.map((text) => ({ reply: new ReplyError(`ERR ${text}`), bytes: line('-', `ERR ${text}`) })),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((n) => ({ reply: integer(n), bytes: line(':', String(n)) })),
  binary.map((bytes) => ({ reply: bytes, bytes: bulk('$', bytes) })),
  fc.constantFrom('$-1', '*-1').map((text) => ({ reply: null, bytes: Buffer.from(`${text}\r\n`) })),
)
const resp3Scalar: fc.Arbitrary<Sample> = fc.oneof(
  fc.constant({ reply: null, bytes: line('_', '') }),
  fc.boolean().map((truth) => ({ reply: truth, bytes: line('#', truth ? 't' : 'f') })),
  fc.double({ noNaN: true }).map((value) => ({ reply: value, bytes: line(',', double(value)) })),
  fc.bigInt({ min: -(10n ** 60n), max: 10n ** 60n }).map((n) => ({ reply: n, bytes: line('(', String(n)) })),
  binary.map((bytes) => ({ reply: bytes, bytes: bulk('=', Buffer.concat([Buffer.from('txt:'), bytes])) })),
  lineText.map((text) => ({ reply: new ReplyError(`ERR ${text}`), bytes: bulk('!', Buffer.from(`ERR ${text}`)) })),
)

const aggregate = (type: string, items: Sample[], count = items.length) =>
  Buffer.concat([line(type, String(count)), ...items.map((item) => item.bytes)])
const pairs = (items: Sample[]) => items.slice(0, items.length - (items.length % 2))
const attribute = (before: Sample[], sample: Sample) => ({
  reply: sample.reply,
  bytes: Buffer.concat([aggregate('|', pairs(before), pairs(before).length / 2), sample.bytes]),
})
const mapOf = (items: Sample[]): Sample => ({
  reply: new Map(pairs(items).flatMap((item, i, all) => (i % 2 === 0 ? [[item.reply, all[i + 1]!.reply] as const] : []))),
  bytes: aggregate('%', pairs(items), pairs(items).length / 2),
})
const arrayOf = (type: string) => (items: Sample[]) => ({ reply: items.map((item) => item.reply), bytes: aggregate(type, items) })

export const { resp2 } = fc.letrec<{ resp2: Sample }>((tie) => ({
  resp2: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    resp2Scalar,
    fc.array(tie('resp2'), { maxLength: 6 }).map((items) => arrayOf('*')(items)),
  ),
}))
export const { resp3 } = fc.letrec<{ resp3: Sample; items: Sample[] }>((tie) => ({
  items: fc.array(tie('resp3'), { maxLength: 6 }),
  resp3: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    resp2Scalar,
    resp3Scalar,
    tie('items').map((items) => arrayOf('*')(items)),
    tie('items').map((items) => arrayOf('~')(items)),
    tie('items').map((items) => mapOf(items)),
    fc.tuple(tie('items'), tie('resp3')).map(([before, sample]) => attribute(before, sample)),
  ),
}))
export const push = fc
  .array(resp3, { maxLength: 4 })
  .map((items) => ({ push: items.map((item) => item.reply), bytes: aggregate('>', items) }))

function integer(n: bigint): number | bigint {
  return Number.isSafeInteger(Number(n)) ? Number(n) : n
}

function double(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value)
  return value > 0 ? 'inf' : '-inf'
}

/** Chunk lengths, taken in turn until the bytes are used up. */
export const splits = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 20 })

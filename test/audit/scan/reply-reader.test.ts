import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Batch, type ScanRequest, VANISHED } from '#redline/audit/scan/batch.js'
import { ENCODING, type Fact, FREQUENCY, IDLE, MEMORY, PTTL } from '#redline/audit/scan/key-facts.js'
import { MAX_NAME_BYTES, ReplyReader } from '#redline/audit/scan/reply-reader.js'
import { Words } from '#redline/audit/scan/words.js'
import { asArray, asText } from '#redline/wire/client.js'
import { Decoder, ProtocolError, type Reply, ReplyError } from '#redline/wire/decoder.js'
import { bulk, line, splits } from '../../support/resp-samples.js'

/** What a server answers about one batch: bytes of the SCANs, of the facts, of the types and of the lengths. */
interface Answers {
  scans: Buffer[]
  asked: Fact[]
  facts: Buffer[]
  untyped: number[]
  types: Buffer[]
  measured: number[]
  lengths: Buffer[]
}

const name = fc
  .oneof(fc.uint8Array({ maxLength: 60 }), fc.uint8Array({ minLength: 200, maxLength: 300 }))
  .map((bytes) => Buffer.from(bytes))
const cursor = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String)
const scan = fc.tuple(cursor, fc.array(name, { maxLength: 8 })).map(([next, names]) => ({
  count: names.length,
  bytes: Buffer.concat([
    line('*', '2'),
    bulk('$', Buffer.from(next)),
    line('*', String(names.length)),
    ...names.map((one) => bulk('$', one)),
  ]),
}))
const nil = fc.constant(Buffer.from('$-1\r\n'))
const error = fc.constantFrom('ERR no such thing', 'NOPERM', 'MOVED 12 10.0.0.1:7000').map((text) => line('-', text))
const number = fc.integer({ min: -2, max: 2 ** 48 }).map((value) => line(':', String(value)))
const word = fc.constantFrom(
  'string',
  'none',
  'embstr',
  '',
  'ReJSON-RL',
  'a-word-that-is-longer-than-any-type-or-encoding-that-there-is-in-a-server',
)
const text = word.chain((value) => fc.constantFrom(line('+', value), bulk('$', Buffer.from(value))))
const factReply = (fact: Fact) => fc.oneof({ arbitrary: fact === ENCODING ? text : number, weight: 5 }, nil, error)

const answers: fc.Arbitrary<Answers> = fc
  .tuple(fc.array(scan, { minLength: 1, maxLength: 3 }), fc.subarray<Fact>([PTTL, MEMORY, ENCODING, IDLE], { minLength: 1 }))
  .chain(([scans, asked]) => {
    const keys = scans.reduce((sum, { count }) => sum + count, 0)
    return fc.record({
      scans: fc.constant(scans.map(({ bytes }) => bytes)),
      asked: fc.constant(asked),
      facts: fc.tuple(...Array.from({ length: keys }, () => asked.map(factReply)).flat()),
      untyped: fc.subarray([...Array(keys).keys()]),
      types: fc.array(fc.oneof({ arbitrary: text, weight: 5 }, error), { minLength: keys, maxLength: keys }),
      measured: fc.subarray([...Array(keys).keys()]),
      lengths: fc.array(fc.oneof({ arbitrary: number, weight: 5 }, error), { minLength: keys, maxLength: keys }),
    })
  })

const request: ScanRequest = { cursor: '0', count: 10, block: -1, stratum: -1, part: 'all', most: Infinity }
const bytesOf = (all: readonly Answers[]) =>
  Buffer.concat(
    all.flatMap(({ scans, facts, untyped, types, measured, lengths }) => [
      ...[...scans, ...facts],
      ...[...untyped.map((_, i) => types[i]!), ...measured.map((_, i) => lengths[i]!)],
    ]),
  )

/** Reads answers in pieces that are overwritten afterwards, asking for facts, types and lengths as a scan does. */
function read(all: readonly Answers[], bytes: Buffer, lengths: readonly number[]) {
  const errors: string[] = []
  const words = new Words()
  const batches = all.map(({ scans }) => {
    const batch = new Batch()
    batch.begin(scans.map(() => request))
    return batch
  })
  const finished: Batch[] = []
  const reader = new ReplyReader(words, {
    onListed(batch) {
      batch.asked = all[batches.indexOf(batch)]!.asked
      if (batch.count > 0) reader.expectFacts(batch)
      else this.onLengths(batch)
    },
    onFacts(batch) {
      batch.untyped.push(...all[batches.indexOf(batch)]!.untyped)
      if (batch.untyped.length > 0) reader.expectTypes(batch)
      else this.onTypes(batch)
    },
    onType: (batch, key, type) => (batch.types[key] = type),
    onTypes(batch) {
      batch.measured.push(...all[batches.indexOf(batch)]!.measured)
      if (batch.measured.length > 0) reader.expectLengths(batch)
      else this.onLengths(batch)
    },
    onLengths(batch) {
      finished.push(batch)
      const next = batches[finished.length]
      if (next) reader.expectScans(next)
    },
    onScanError: (message) => errors.push(message),
    onFactError: (batch, key, fact, message) => errors.push(`${batches.indexOf(batch)} ${key} ${fact} ${message}`),
    onTypeError: (batch, key, message) => errors.push(`${batches.indexOf(batch)} ${key} type ${message}`),
    onLengthError: (batch, key, message) => errors.push(`${batches.indexOf(batch)} ${key} length ${message}`),
  })
  reader.expectScans(batches[0]!)
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const piece = Buffer.from(bytes.subarray(at, at + lengths[i % lengths.length]!))
    at += piece.length
    reader.read(piece, piece.length)
    piece.fill('!')
  }
  return { batches, finished, errors, words, waits: reader.waits }
}

/** The same from the replies that the general decoder makes. */
function expected(all: readonly Answers[], replies: Reply[]) {
  const errors: string[] = []
  const batches = all.map(({ scans, asked, untyped, measured }, index) => {
    const listed = replies.splice(0, scans.length).map(asArray)
    const names = listed.flatMap(([, keys]) => asArray(keys))
    const keys = names.map((key, i) => {
      const facts = new Map<Fact, number | string>()
      let vanished = false
      for (const fact of asked) {
        const reply = replies.shift()!
        if (reply === null || reply === -2) vanished ||= reply === null || fact === PTTL
        if (reply instanceof ReplyError) errors.push(`${index} ${i} ${fact} ${`${reply.code} ${reply.message}`.trim()}`)
        else if (reply !== null) facts.set(fact, typeof reply === 'number' ? reply : known(asText(reply)))
      }
      return { name: key, facts, vanished, type: '', elements: -1 }
    })
    for (const key of untyped) {
      const reply = replies.shift()!
      if (reply instanceof ReplyError) errors.push(`${index} ${key} type ${`${reply.code} ${reply.message}`.trim()}`)
      else keys[key]!.type = known(asText(reply))
    }
    for (const key of measured) {
      const reply = replies.shift()!
      if (reply instanceof ReplyError) errors.push(`${index} ${key} length ${`${reply.code} ${reply.message}`.trim()}`)
      else keys[key]!.elements = Number(reply)
    }
    return { cursors: listed.map(([next]) => asText(next)), keys }
  })
  return { batches, errors }
}

function failureOf(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  return undefined
}

/** Types and encodings are short; what is not one is not kept. */
const known = (value: string) => (value.length > 64 ? '' : value)

describe('reading what a scan asked for', () => {
  test('any answers, split anywhere, say what the general decoder makes of them', () => {
    fc.assert(
      fc.property(fc.array(answers, { minLength: 1, maxLength: 3 }), splits, (all, lengths) => {
        const bytes = bytesOf(all)
        const replies: Reply[] = []
        new Decoder({ onReply: (reply) => replies.push(reply) }).push(bytes)
        const wanted = expected(all, replies)
        const got = read(all, bytes, lengths)
        expect(got.errors).toEqual(wanted.errors)
        expect(got.waits).toBe(false)
        expect(got.finished).toEqual(got.batches)
        for (const [i, batch] of got.batches.entries()) {
          expect(batch.cursors).toEqual(wanted.batches[i]!.cursors)
          const keys = Array.from({ length: batch.count }, (_, key) => seen(batch, key, got.words))
          expect(keys).toEqual(wanted.batches[i]!.keys.map((key) => ({ ...key, facts: withDefaults(key.facts, batch.asked) })))
        }
      }),
      { numRuns: 300 },
    )
  })

  test('what is not an answer is refused as such, and never crashes', () => {
    fc.assert(
      fc.property(
        fc.array(answers, { minLength: 1, maxLength: 2 }),
        splits,
        fc.nat(),
        fc.uint8Array({ minLength: 1, maxLength: 9 }),
        (all, lengths, at, noise) => {
          const bytes = bytesOf(all)
          const place = at % bytes.length
          const broken = Buffer.concat([bytes.subarray(0, place), noise, bytes.subarray(place)])
          expect(failureOf(() => read(all, broken, lengths)) ?? new ProtocolError('none')).toBeInstanceOf(ProtocolError)
        },
      ),
      { numRuns: 1500 },
    )
  })

  const one: Answers = { scans: [Buffer.alloc(0)], asked: [ENCODING, PTTL], facts: [], untyped: [0], types: [], measured: [0], lengths: [] }
  test.each([
    ['more than was asked', '*2\r\n$1\r\n0\r\n*0\r\n+OK\r\n'],
    ['keys without a cursor', '*1\r\n$1\r\n0\r\n'],
    ['a cursor that is none', '*2\r\n$3\r\n1x1\r\n*0\r\n'],
    ['a negative length', '*2\r\n$1\r\n0\r\n*1\r\n$-1\r\n'],
    ['more keys than any server lists', '*2\r\n$1\r\n0\r\n*99999999\r\n'],
    ['a name that does not end where it should', '*2\r\n$1\r\n0\r\n*1\r\n$1\r\nabc\r\n'],
    ['a number in the place of an encoding', '*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n:1\r\n:1\r\n'],
    ['a number in the place of a type', '*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n+raw\r\n:1\r\n:1\r\n'],
    ['nothing in the place of a type', '*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n+raw\r\n:1\r\n$-1\r\n'],
    ['text in the place of a length', '*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n+raw\r\n:1\r\n+set\r\n+x\r\n'],
    ['text in the place of a TTL', '*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n+hash\r\n+hash\r\n'],
    ['an array in the place of an encoding', '*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n*0\r\n:1\r\n'],
    ['a number that never ends', `*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n+hash\r\n:${'1'.repeat(30)}`],
    ['a line that never ends', `*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n+${'x'.repeat(100_000)}`],
  ])('%s is refused', (_, bytes) => {
    expect(() => read([one], Buffer.from(bytes), [7])).toThrow(ProtocolError)
    expect(() => read([one], Buffer.from(bytes), [1_000_000])).toThrow(ProtocolError)
  })

  test('a name beyond the limit is counted and skipped, those beside it are kept', () => {
    const scans = [['first', 'x'.repeat(MAX_NAME_BYTES + 1), 'y'.repeat(MAX_NAME_BYTES), 'last', 'z'.repeat(MAX_NAME_BYTES + 9)]].map(
      (names) =>
        Buffer.concat([line('*', '2'), bulk('$', Buffer.from('17')), line('*', '5'), ...names.map((one) => bulk('$', Buffer.from(one)))]),
    )
    const facts = ['+string\r\n', '+hash\r\n', '+set\r\n'].map((one) => Buffer.from(one))
    for (const pieces of [[65_536], [1, 1000, 70_001], [9_000_000]]) {
      const all = [{ scans, asked: [ENCODING] as Fact[], facts, untyped: [], types: [], measured: [], lengths: [] }]
      const { batches, words, waits } = read(all, bytesOf(all), pieces)
      const [batch] = batches
      expect(waits).toBe(false)
      expect(batch).toMatchObject({ count: 3, tooLong: 2, ends: [3], cursors: ['17'] })
      expect([0, 1, 2].map((key) => words.textOf(batch!.encodings[key]!))).toEqual(['string', 'hash', 'set'])
      expect([0, 1, 2].map((key) => batch!.nameOf(key).length)).toEqual([5, MAX_NAME_BYTES, 4])
      expect(batch!.raw.length).toBeLessThan(3 * MAX_NAME_BYTES)
    }
  })

  test('names of types are kept up to a number, so that a server can not fill our memory with them', () => {
    const words = new Words()
    const ids = Array.from({ length: 1000 }, (_, i) => words.idOfText(`type-${i}`))
    expect(ids.filter((id) => id !== 0)).toHaveLength(255)
    expect(words.textOf(ids[5]!)).toBe('type-5')
    expect(words.textOf(ids[999]!)).toBe('')
    expect(words.idOfText('type-5')).toBe(ids[5])
  })
})

function seen(batch: Batch, key: number, words: Words) {
  const facts = new Map<Fact, number | string>()
  const columns = { [PTTL]: batch.ttlMs, [MEMORY]: batch.bytes, [IDLE]: batch.idle, [FREQUENCY]: batch.idle }
  for (const fact of batch.asked) {
    if (fact === ENCODING) facts.set(fact, words.textOf(batch.encodings[key]!))
    else facts.set(fact, columns[fact][key]!)
  }
  const type = words.textOf(batch.types[key]!)
  return { name: batch.nameOf(key), facts, vanished: batch.status[key] === VANISHED, type, elements: batch.elements[key] }
}

/** A fact that was not told is empty, 0 or -1. */
function withDefaults(facts: Map<Fact, number | string>, asked: readonly Fact[]): Map<Fact, number | string> {
  const none: Record<Fact, number | string> = { [ENCODING]: '', [PTTL]: -1, [MEMORY]: 0, [IDLE]: -1, [FREQUENCY]: -1 }
  return new Map(asked.map((fact) => [fact, facts.get(fact) ?? none[fact]]))
}

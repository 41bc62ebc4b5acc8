import { createRequire } from 'node:module'
import { setImmediate as turn } from 'node:timers/promises'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { asText } from '#redline/wire/client.js'
import { Decoder, ProtocolError, type Reply, ReplyError } from '#redline/wire/decoder.js'
import { bulk, line, push, resp2, resp3, splits } from '../support/resp-samples.js'

/** Feeds pieces through one buffer that is overwritten after each, as a socket's static buffer is. */
function decode(bytes: Buffer, lengths: number[] = [bytes.length]): { replies: Reply[]; pushes: Reply[][] } {
  const replies: Reply[] = []
  const pushes: Reply[][] = []
  const decoder = new Decoder({ onReply: (reply) => replies.push(reply), onPush: (message) => pushes.push(message) })
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const piece = Buffer.from(bytes.subarray(at, at + lengths[i % lengths.length]!))
    at += piece.length
    decoder.push(piece)
    piece.fill('!')
  }
  // Only a decoder that has nothing left over takes these bytes for what they are.
  decoder.push(Buffer.from('+the end\r\n'))
  expect(replies.pop()).toBe('the end')
  return { replies, pushes }
}

function decodeLenient(bytes: Buffer, lengths: number[]): void {
  const decoder = new Decoder({ onReply: () => undefined, onPush: () => undefined })
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = lengths[i % lengths.length]!
    decoder.push(bytes.subarray(at, at + length))
    at += length
  }
}

describe('decoding', () => {
  test('any RESP3 replies and pushes, split anywhere, come out as they went in', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof({ arbitrary: resp3, weight: 4 }, push), { minLength: 1, maxLength: 6 }), splits, (samples, lengths) => {
        const { replies, pushes } = decode(Buffer.concat(samples.map((sample) => sample.bytes)), lengths)
        expect(replies).toEqual(samples.flatMap((sample) => ('reply' in sample ? [sample.reply] : [])))
        expect(pushes).toEqual(samples.flatMap((sample) => ('push' in sample ? [sample.push] : [])))
      }),
      { numRuns: 1500 },
    )
  })

  test('RESP2 replies are what the decoder of ioredis makes of them', () => {
    fc.assert(
      fc.property(fc.array(resp2, { minLength: 1, maxLength: 4 }), splits, (samples, lengths) => {
        const bytes = Buffer.concat(samples.map((sample) => sample.bytes))
        expect(decode(bytes, lengths).replies.map((reply) => plain(reply))).toEqual(decodeWithIoredis(bytes))
      }),
      { numRuns: 500 },
    )
  })

  test('the notations that no property reaches', () => {
    const text = ',inf\r\n,-inf\r\n,1e3\r\n,-0.5E-2\r\n,10.\r\n:+5\r\n(+12\r\n(-12\r\n+\r\n-\r\n%0\r\n*0\r\n~0\r\n'
    const replies = [Infinity, -Infinity, 1000, -0.005, 10, 5, 12n, -12n, '', new ReplyError(''), new Map(), [], []]
    expect(decode(Buffer.from(text)).replies).toEqual(replies)
    expect(decode(Buffer.from(',nan\r\n')).replies[0]).toBeNaN()
  })

  test('an error reply is split into its code and the rest', () => {
    const [error] = decode(Buffer.from('-WRONGTYPE Operation against a key\r\n')).replies
    expect(error).toEqual(new ReplyError('WRONGTYPE Operation against a key'))
    expect(error).toMatchObject({ code: 'WRONGTYPE', message: 'Operation against a key' })
  })

  test('a handler that throws leaves a decoder that goes on', () => {
    const seen: Reply[] = []
    const decoder = new Decoder({
      onReply(reply) {
        seen.push(reply)
        if (reply === 'bad') throw new TypeError('mine')
      },
    })
    expect(() => decoder.push(Buffer.from('+bad\r\n'))).toThrow(TypeError)
    decoder.push(Buffer.from('+good\r\n'))
    expect(seen).toEqual(['bad', 'good'])
  })
})

describe('bytes that are no RESP', () => {
  test('random bytes decode or are refused, and nothing else happens', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), splits, (bytes, lengths) => {
        expect(thrownBy(Buffer.from(bytes), lengths)).toSatisfy(isHarmless)
      }),
      { numRuns: 3000 },
    )
  })

  test('replies with bytes changed decode or are refused, and nothing else happens', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.constantFrom(...Buffer.from('0123456789-+:$*%~|>=!(,#_\r\n?a\0'))), { maxLength: 5 })
    fc.assert(
      fc.property(resp3, damage, splits, (sample, changes, lengths) => {
        const bytes = Buffer.from(sample.bytes)
        for (const [at, value] of changes) bytes[at % bytes.length] = value
        expect(thrownBy(bytes, lengths)).toSatisfy(isHarmless)
      }),
      { numRuns: 3000 },
    )
  })

  test.each([
    ['$999999999999\r\n', /above 536870912/],
    ['$536870913\r\n', /above 536870912/],
    ['=99999999999999999999\r\n', /not a length/],
    ['*2147483647\r\n', /above 268435456/],
    ['%16777217\r\n', /above 16777216/],
    ['>4294967296\r\n', /above 268435456/],
    ['$-2\r\n', /not a length/],
    ['*-2\r\n', /not a length/],
    ['~-1\r\n', /not a length/],
    ['%-1\r\n', /not a length/],
    ['$\r\n', /not a length/],
    ['$1e3\r\n', /not a length/],
    ['$0x10\r\n', /not a length/],
    ['*abc\r\n', /not a length/],
    ['$?\r\n', /streamed/],
    ['*?\r\n', /streamed/],
    ['$3\r\nabcdef', /not followed by CR LF/],
    ['+ok\n', /CR LF/],
    ['=2\r\nab\r\n', /verbatim/],
    ['=5\r\nabcde\r\n', /verbatim/],
    [':12a\r\n', /not an integer/],
    [':\r\n', /not an integer/],
    [':99999999999999999999\r\n', /not an integer/],
    [',1.2.3\r\n', /not a double/],
    [',\r\n', /not a double/],
    ['(1.5\r\n', /not a big number/],
    ['#x\r\n', /not a boolean/],
    ['_x\r\n', /null with a value/],
    ['*2\r\n>1\r\n+x\r\n', /push inside/],
    ['HTTP/1.1 400 Bad Request\r\n', /begins with "H/],
    ['+ok\r\n\r\n', /begins with "\\r/],
  ])('%j is refused', (text, why) => {
    expect(() => decodeLenient(Buffer.from(text), [text.length])).toThrow(ProtocolError)
    expect(() => decodeLenient(Buffer.from(text), [text.length])).toThrow(why)
    expect(() => decodeLenient(Buffer.from(text), [1])).toThrow(why)
  })

  test('what was refused once stays refused', () => {
    const decoder = new Decoder({ onReply: () => expect.unreachable('no reply is to be trusted any more') })
    expect(() => decoder.push(Buffer.from('?\r\n'))).toThrow(ProtocolError)
    expect(() => decoder.push(Buffer.from('+OK\r\n'))).toThrow(ProtocolError)
  })
})

describe('bounds', () => {
  test('replies nest 128 deep and no deeper', () => {
    const nested = (depth: number) => Buffer.from(`${'*1\r\n'.repeat(depth)}:1\r\n`)
    let reply = decode(nested(128)).replies[0]
    for (let depth = 0; depth < 128; depth++) [reply] = Array.isArray(reply) ? reply : []
    expect(reply).toBe(1)
    expect(() => decode(nested(129))).toThrow(/128 deep/)
  })

  test('a line without an end is refused when it is longer than any line', () => {
    const decoder = new Decoder({ onReply: () => undefined })
    decoder.push(Buffer.from('+'))
    const piece = Buffer.alloc(64 * 1024, 'x')
    for (let i = 0; i < 15; i++) decoder.push(piece)
    expect(() => {
      decoder.push(piece)
    }).toThrow(/longer than/)
  })

  test('an announced length costs nothing until bytes arrive', () => {
    const announced = ['$536870912\r\nabc', '*268435456\r\n$536870912\r\nabc', '%16777216\r\n:1\r\n', '~268435456\r\n:1\r\n']
    const before = memory()
    const replies: Reply[] = []
    const decoders = announced.map((text) => {
      const decoder = new Decoder({ onReply: (reply) => replies.push(reply) })
      decoder.push(Buffer.from(text))
      return decoder
    })
    expect(memory() - before).toBeLessThan(8 * 1024 ** 2)
    expect([decoders.length, replies]).toEqual([announced.length, []])
  })

  test('100 MB arrive in 64 KB pieces within twice their size', async () => {
    const total = 100 * 1024 ** 2
    const piece = Buffer.alloc(64 * 1024, 'v')
    let received = 0
    const decoder = new Decoder({ onReply: (reply) => (received = Buffer.isBuffer(reply) ? reply.length : -1) })
    const before = process.memoryUsage().arrayBuffers
    let peak = 0
    decoder.push(Buffer.from(`$${total}\r\n`))
    for (let sent = 0; sent < total; sent += piece.length) {
      decoder.push(piece)
      // Without a turn of the event loop, outgrown buffers are not given back.
      if (sent % (8 * 1024 ** 2) === 0) await turn()
      peak = Math.max(peak, process.memoryUsage().arrayBuffers - before)
    }
    decoder.push(Buffer.from('\r\n'))
    expect(received).toBe(total)
    expect(peak).toBeLessThan(2.5 * total)
  })

  test('a long line and a long bulk, one byte at a time, take linear time', () => {
    const text = 'x'.repeat(500_000)
    const samples = Buffer.concat([line('+', text), bulk('$', Buffer.from(text))])
    // Quadratic, this would copy 250 GB and run into the time limit.
    expect(decode(samples, [1]).replies.map((reply) => asText(reply).length)).toEqual([text.length, text.length])
  })
})

function memory(): number {
  const { heapUsed, arrayBuffers, external } = process.memoryUsage()
  return heapUsed + arrayBuffers + external
}

/** Undefined when the bytes were decoded, else what was thrown. */
function thrownBy(bytes: Buffer, lengths: number[]): unknown {
  try {
    decodeLenient(bytes, lengths)
    return undefined
  } catch (error) {
    return error
  }
}

const isHarmless = (thrown: unknown) => thrown === undefined || thrown instanceof ProtocolError

/** What both decoders give alike: ioredis rounds integers beyond 2^53, digit by digit, and has errors of its own class. */
function plain(reply: Reply): unknown {
  if (typeof reply === 'bigint') return 'long'
  if (reply instanceof ReplyError) return `error ${reply.code} ${reply.message}`.trim()
  return Array.isArray(reply) ? reply.map((item) => plain(item)) : reply
}

interface IoredisDecoder {
  write(bytes: Buffer): void
}
type IoredisDecoderClass = new (handlers: {
  getTypeMapping: () => Record<number, unknown>
  onReply: (reply: unknown) => void
  onErrorReply: (error: Error) => void
  onPush: (message: unknown) => void
}) => IoredisDecoder

function decodeWithIoredis(bytes: Buffer): unknown[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a private module of ioredis, which has no types
  const { Decoder: Theirs } = createRequire(import.meta.url)('ioredis/built/resp/decoder.js') as { Decoder: IoredisDecoderClass }
  const replies: unknown[] = []
  const onReply = (reply: unknown) => replies.push(plainOfIoredis(reply))
  new Theirs({ getTypeMapping: () => ({ [0x24]: Buffer }), onReply, onErrorReply: onReply, onPush: onReply }).write(Buffer.from(bytes))
  return replies
}

function plainOfIoredis(reply: unknown): unknown {
  if (typeof reply === 'number' && !Number.isSafeInteger(reply)) return 'long'
  if (reply instanceof Error) return `error ${reply.message}`.trim()
  return Array.isArray(reply) ? reply.map((item) => plainOfIoredis(item)) : reply
}

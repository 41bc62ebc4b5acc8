import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Reply } from '#redline/wire/decoder.js'
import { Decoder, ReplyError } from '#redline/wire/decoder.js'
import { ReplyScanner, ScanError } from '#redline/wire/scanner.js'
import { bulk, push, resp3, splits } from '../support/resp-samples.js'

/** Feeds pieces through one buffer that is overwritten after each, as a socket's static buffer is. */
function scan(bytes: Buffer, lengths: number[] = [bytes.length]): { replies: number; errors: Record<string, number>; after: number[] } {
  const scanner = new ReplyScanner()
  const after: number[] = []
  let replies = 0
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const piece = Buffer.from(bytes.subarray(at, at + lengths[i % lengths.length]!))
    at += piece.length
    const completed = scanner.scan(piece, piece.length)
    for (let n = 0; n < completed; n++) after.push(at)
    replies += completed
    piece.fill('!')
  }
  return { replies, errors: Object.fromEntries(scanner.errors), after }
}

/** The codes of all error replies, nested ones too, as the decoder that builds replies sees them. */
function errorCodes(reply: Reply): string[] {
  if (reply instanceof ReplyError) return [reply.code]
  if (reply instanceof Map) return [...reply].flat().flatMap((item) => errorCodes(item))
  return Array.isArray(reply) ? reply.flatMap((item) => errorCodes(item)) : []
}

function outcomeOf(work: () => number): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

describe('counting replies', () => {
  test('any RESP3 replies and pushes, split anywhere, are as many as the decoder builds, and complete at the same byte', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof({ arbitrary: resp3, weight: 4 }, push), { minLength: 1, maxLength: 6 }), splits, (samples, lengths) => {
        const bytes = Buffer.concat(samples.map((sample) => sample.bytes))
        const built: number[] = []
        let fed = 0
        const decoder = new Decoder({ onReply: () => built.push(fed), onPush: () => undefined })
        for (let i = 0; fed < bytes.length; i++) {
          const piece = bytes.subarray(fed, fed + lengths[i % lengths.length]!)
          fed += piece.length
          decoder.push(Buffer.from(piece))
        }
        expect(scan(bytes, lengths).after).toEqual(built)
      }),
      { numRuns: 1500 },
    )
  })

  test('error replies count under their code, nested ones too, wherever they are split', () => {
    const bytes = Buffer.from('-WRONGTYPE Operation\r\n*3\r\n:1\r\n-ERR a b\r\n-ERR\r\n+OK\r\n-MOVED 1 host:1\r\n')
    const wanted = { WRONGTYPE: 1, ERR: 2, MOVED: 1 }
    for (const length of [1, 2, 3, 5, bytes.length]) expect(scan(bytes, [length])).toMatchObject({ replies: 4, errors: wanted })
    expect(errorCodes([new ReplyError('ERR x'), [new ReplyError('OOM y')]])).toEqual(['ERR', 'OOM'])
  })

  test('a push between replies answers nothing', () => {
    expect(scan(Buffer.from('+OK\r\n>2\r\n+invalidate\r\n*1\r\n$1\r\na\r\n:1\r\n')).replies).toBe(2)
  })

  test('an error code that never ends, or is not text, is cut and made harmless', () => {
    expect(scan(Buffer.from(`-${'A'.repeat(5000)}\r\n`), [7]).errors).toEqual({ ['A'.repeat(32)]: 1 })
    expect(scan(Buffer.from([45, 0x45, 0xff, 0xfe, 13, 10])).errors).toEqual({ 'E??': 1 })
  })

  test('error codes without end are counted, and kept to a hundred names', () => {
    const bytes = Buffer.from(Array.from({ length: 5000 }, (_, i) => `-E${i} x\r\n`).join(''))
    const { replies, errors } = scan(bytes)
    expect(replies).toBe(5000)
    expect(Object.keys(errors)).toHaveLength(101)
    expect(errors['other codes']).toBe(4900)
  })

  test('a bulk of 100 MB that arrives in pieces costs no memory', () => {
    const scanner = new ReplyScanner()
    const piece = Buffer.alloc(64 * 1024, 'x')
    const size = 100 * 1024 * 1024
    const before = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed
    const head = Buffer.from(`$${size}\r\n`)
    let replies = scanner.scan(head, head.length)
    for (let sent = 0; sent < size; sent += piece.length) replies += scanner.scan(piece, piece.length)
    expect(replies).toBe(0)
    expect(scanner.scan(Buffer.from('\r\n'), 2)).toBe(1)
    expect(process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed - before).toBeLessThan(20 * 1024 * 1024)
  })

  test('hostile lengths end in ScanError or are skipped without memory', () => {
    for (const text of [
      '$-2\r\n',
      '$99999999999999999\r\n',
      '*abc\r\n',
      '$\r\n',
      '*--1\r\n',
      '%-1\r\n',
      '$?\r\n',
      '*1-\r\n',
      'HTTP/1.1 400 Bad\r\n',
    ]) {
      expect(() => scan(Buffer.from(text)), text).toThrow(ScanError)
      expect(() => scan(Buffer.from(text), [1]), text).toThrow(ScanError)
    }
    expect(scan(Buffer.from('*2147483647\r\n:1\r\n')).replies).toBe(0)
    expect(scan(Buffer.from('$999999999999\r\nabc')).replies).toBe(0)
  })

  test('random bytes end in ScanError or in a count, never otherwise', () => {
    const startsLikeResp = fc.tuple(
      fc.constantFrom(...'+-:$*_#,(!=%~>|'.split('')),
      fc.uint8Array({ maxLength: 60 }),
      fc.constantFrom('', '\r\n'),
    )
    fc.assert(
      fc.property(fc.array(startsLikeResp, { maxLength: 5 }), splits, (parts, lengths) => {
        const bytes = Buffer.concat(parts.flatMap(([type, rest, end]) => [Buffer.from(type), Buffer.from(rest), Buffer.from(end)]))
        const outcome = outcomeOf(() => scan(bytes, lengths).replies)
        expect(outcome instanceof ScanError || (typeof outcome === 'number' && outcome <= bytes.length)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  test('a scanner that forgot its place between chunks would be caught', () => {
    const bytes = bulk('$', Buffer.from('+OK\r\n+OK'))
    const forgetful = [bytes.subarray(0, 4), bytes.subarray(4)].map((piece) => new ReplyScanner().scan(piece, piece.length))
    expect(forgetful).not.toEqual([0, 1])
    const scanner = new ReplyScanner()
    expect([bytes.subarray(0, 4), bytes.subarray(4)].map((piece) => scanner.scan(piece, piece.length))).toEqual([0, 1])
  })
})

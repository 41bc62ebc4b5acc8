import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { asArray } from '#redline/wire/client.js'
import { Decoder, type Reply } from '#redline/wire/decoder.js'
import { encodeCommand } from '#redline/wire/encode.js'

test('a command is an array of bulk strings whose lengths count bytes', () => {
  const encoded = encodeCommand(['SET', 'käse', 12, Buffer.from([0, 13, 10, 255])])
  expect(encoded.toString('latin1')).toBe('*4\r\n$3\r\nSET\r\n$5\r\nk\xc3\xa4se\r\n$2\r\n12\r\n$4\r\n\0\r\n\xff\r\n')
})

test('an empty argument and no arguments', () => {
  expect(encodeCommand(['GET', '']).toString()).toBe('*2\r\n$3\r\nGET\r\n$0\r\n\r\n')
  expect(encodeCommand([]).toString()).toBe('*0\r\n')
})

test('any arguments are read back as they were', () => {
  const argument = fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array(), fc.integer())
  fc.assert(
    fc.property(fc.array(argument, { minLength: 1 }), (args) => {
      const replies: Reply[] = []
      new Decoder({ onReply: (reply) => replies.push(reply) }).push(encodeCommand(args))
      expect(asArray(replies[0])).toEqual(args.map((arg) => Buffer.from(typeof arg === 'number' ? String(arg) : arg)))
    }),
  )
})

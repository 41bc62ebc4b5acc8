import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson, hashOf } from '#redline/config/hash.js'

test('the hash is SHA-256 of the canonical JSON', () => {
  // printf '{"a":[1,"x"],"b":{"c":true}}' | sha256sum
  expect(canonicalJson({ b: { c: true }, a: [1, 'x'], d: undefined })).toBe('{"a":[1,"x"],"b":{"c":true}}')
  expect(hashOf({ b: { c: true }, a: [1, 'x'] })).toBe('7bc1d4c77305c3b7a6c9baf4eb98ea1a5c613dfad39c54d270608be4f47c693d')
})

test('the order of fields does not matter, content and the order of lists do', () => {
  const shuffled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffled)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value)
        .toReversed()
        .map(([name, inner]) => [name, shuffled(inner)]),
    )
  }
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(hashOf(shuffled(value))).toBe(hashOf(value))
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
  expect(hashOf([1, 2])).not.toBe(hashOf([2, 1]))
  expect(hashOf({ a: 1 })).not.toBe(hashOf({ a: '1' }))
})

import { expect, test } from 'vitest'
import { compareVersions, has } from '#redline/audit/versions.js'

test('versions are compared by their numbers', () => {
  const sorted = ['6.0', '6.0.16', '6.2', '7.0', '7.0.15', '7.2.4', '8.1', '10.0']
  expect(sorted.toReversed().toSorted(compareVersions)).toEqual(sorted)
  expect(compareVersions('7.0', '7.0.0')).toBe(0)
})

test('a server has what its own engine brought, from that version on', () => {
  expect(has({ engine: 'valkey', version: '8.1.1' }, { valkey: '8.1' })).toBe(true)
  expect(has({ engine: 'redis', version: '8.2.0' }, { valkey: '8.1' })).toBe(false)
  expect(has({ engine: 'redis', version: '6.2.99' }, { redis: '7.0', valkey: '7.2' })).toBe(false)
})

test('what is no version has nothing new', () => {
  expect(has({ engine: 'redis', version: 'unknown' }, { redis: '7.0' })).toBe(false)
})

import { expect, test } from 'vitest'
import { Contracts } from '#redline/audit/inventory/contracts.js'

test('the first contract that matches is the one, also for empty names and globs that begin with a star', () => {
  const contracts = new Contracts([{ pattern: 'a:*' }, { pattern: '*:x' }, { pattern: 'b:*' }, { pattern: '*' }])
  expect(['a:x', 'b:x', 'b:y', 'c', ''].map((name) => contracts.of(Buffer.from(name)))).toEqual([0, 1, 2, 3, 3])
  expect(new Contracts([{ pattern: 'a' }]).of(Buffer.from(''))).toBe(-1)
})

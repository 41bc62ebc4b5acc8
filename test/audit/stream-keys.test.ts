import { expect, test } from 'vitest'
import type { KeyRecord } from '#redline/audit/key-record.js'
import { StreamKeys } from '#redline/audit/stream-keys.js'

const record = (name: string, type: string, bytes: number): KeyRecord => ({
  ...{ name: Buffer.from(name), shard: 0, db: 0, type, encoding: 'stream', bytes },
  ...{ ttlMs: -1, afterMs: 0, idleSeconds: 0, frequency: undefined, elements: undefined },
})

test('the largest streams are kept, whatever their order, and every record is passed on', () => {
  const passed: string[] = []
  const keys = new StreamKeys({ add: ({ name }) => void passed.push(Buffer.from(name).toString()), endBlock: () => undefined }, 3)
  for (let i = 0; i < 50; i++) keys.add(record(`stream:${i}`, 'stream', (i * 17) % 50))
  keys.add(record('list', 'list', 1_000_000))
  expect(keys.largest().map(({ bytes }) => bytes)).toEqual([49, 48, 47])
  expect(keys.seen).toBe(50)
  expect(passed).toHaveLength(51)
})

test('a name is kept as a copy: the scan reuses its buffer', () => {
  const keys = new StreamKeys({ add: () => undefined, endBlock: () => undefined }, 3)
  const shared = record('orders', 'stream', 10)
  keys.add(shared)
  shared.name.fill(0)
  expect(Buffer.from(keys.largest()[0]!.name).toString()).toBe('orders')
})

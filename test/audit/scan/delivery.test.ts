import { beforeEach, describe, expect, test } from 'vitest'
import type { KeyRecord } from '#redline/audit/key-record.js'
import { Batch, DENIED, ELSEWHERE, type ScanRequest, VANISHED } from '#redline/audit/scan/batch.js'
import { CountLimit } from '#redline/audit/scan/count-limit.js'
import { Delivery } from '#redline/audit/scan/delivery.js'
import { RecentKeys } from '#redline/audit/scan/recent-keys.js'
import { FullSource } from '#redline/audit/scan/source.js'
import { Words } from '#redline/audit/scan/words.js'

/** A batch that lists names, one SCAN for each list. */
function batchOf(lists: string[][], requests: Partial<ScanRequest>[] = [{}]): Batch {
  const batch = new Batch()
  batch.begin(
    lists.map((_, i) => ({ cursor: '5', count: 10, block: -1, stratum: -1, part: 'all' as const, most: Infinity, ...requests[i] })),
  )
  batch.raw = Buffer.from(lists.flat().join(''))
  let at = 0
  for (const names of lists) {
    for (const name of names) batch.list(at, (at += name.length))
    batch.ends.push(batch.count)
    batch.cursors.push('9')
  }
  return batch
}

describe('delivering keys', () => {
  const counts = { keysSeen: 0, vanished: 0, repeated: 0, denied: 0, elsewhere: 0, longNames: 0 }
  const got: string[] = []
  const sink = {
    add: (record: KeyRecord) => void got.push(Buffer.from(record.name).toString()),
    endBlock: (stratum: number, keys: number) => void got.push(`stratum ${stratum}: ${keys}`),
  }
  let delivery: Delivery
  beforeEach(() => {
    got.length = 0
    Object.assign(counts, { keysSeen: 0, vanished: 0, repeated: 0, denied: 0, elsewhere: 0, longNames: 0 })
    delivery = new Delivery(sink, new Words(), counts, 0)
    delivery.begin(0)
  })

  test('a key that is listed again is delivered once and counted as repeated', () => {
    delivery.take(batchOf([['a', 'b', 'c']]))
    delivery.take(batchOf([['c', 'd', 'b', 'e']]))
    expect(got).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(counts).toMatchObject({ keysSeen: 5, repeated: 2 })
  })

  test('the same name in another database is another key', () => {
    delivery.take(batchOf([['a', 'b']]))
    delivery.begin(1)
    delivery.take(batchOf([['a', 'b']]))
    expect(counts).toMatchObject({ keysSeen: 4, repeated: 0 })
  })

  test('keys that are gone, denied or elsewhere are counted, not delivered', () => {
    const batch = batchOf([['a', 'b', 'c', 'd']])
    batch.status.set([VANISHED, DENIED, ELSEWHERE])
    batch.tooLong = 2
    delivery.take(batch)
    expect(got).toEqual(['d'])
    expect(counts).toEqual({ keysSeen: 1, vanished: 1, denied: 1, elsewhere: 1, longNames: 2, repeated: 0 })
  })

  test('blocks end with the number of their keys that were delivered', () => {
    const part = 'block' as const
    const batch = batchOf(
      [['a', 'b', 'c'], [], ['d', 'a']],
      [
        { block: 7, stratum: 2, part },
        { block: 8, stratum: 2, part },
        { block: 9, stratum: 3, part },
      ],
    )
    batch.status[1] = VANISHED
    delivery.take(batch)
    expect(got).toEqual(['a', 'c', 'stratum 2: 2', 'stratum 2: 0', 'd', 'stratum 3: 1'])
  })

  test('the end of a sample that goes on at the beginning does not deliver the first blocks again, however long ago they were', () => {
    const part = 'block' as const
    delivery.take(batchOf([['a', 'b'], ['c']], [{ block: 0, stratum: 0, part }, { block: 1, stratum: 0, part }])) // prettier-ignore
    const many = Array.from({ length: 200_000 }, (_, i) => `key:${i}`)
    delivery.take(batchOf([many], [{ block: 2, stratum: 0, part }]))
    got.length = 0
    delivery.take(batchOf([['x', 'a', 'b', 'c']], [{ block: 3, stratum: 0, part: 'rest' }]))
    expect(got).toEqual(['x', 'stratum 0: 1'])
  })
})

test('of a hundred thousand keys nearly all are remembered, and no other is taken for one of them', () => {
  const recent = new RecentKeys()
  const isRepeated = (name: string) => recent.isRepeated(Buffer.from(name), 0, name.length)
  expect(Array.from({ length: 50_000 }, (_, i) => isRepeated(`user:${i}`)).filter(Boolean)).toHaveLength(0)
  const again = Array.from({ length: 1000 }, (_, i) => isRepeated(`user:${49_999 - i}`)).filter(Boolean).length
  expect(again).toBeGreaterThan(980)
  expect(Array.from({ length: 300_000 }, (_, i) => isRepeated(`order:${i}`)).filter(Boolean)).toHaveLength(0)
  recent.clear()
  expect(isRepeated('user:49999')).toBe(false)
})

test('the keys that came last are remembered in another process', () => {
  const asked = (recent: RecentKeys) => (name: string) => recent.isRepeated(Buffer.from(name), 0, name.length)
  const before = new RecentKeys()
  for (let i = 0; i < 20_000; i++) asked(before)(`user:${i}`)
  const after = new RecentKeys()
  asked(after)('order:1')
  after.restore(JSON.parse(JSON.stringify(before.save())))
  expect(Array.from({ length: 1000 }, (_, i) => asked(after)(`user:${19_999 - i}`)).filter(Boolean).length).toBeGreaterThan(900)
  expect([asked(after)('user:1'), asked(after)('order:1'), asked(after)('order:1')]).toEqual([false, false, true])
  after.restore(new RecentKeys().save())
  expect(asked(after)('user:19999')).toBe(false)
})

test('a full scan ends where SCAN says so, and does not turn in circles', () => {
  const source = new FullSource('0')
  const [first] = source.next(undefined, 10)!
  expect(first).toMatchObject({ cursor: '0', count: 10, part: 'all' })
  const answer = (sent: string, cursor: string) => {
    const batch = batchOf([['a']], [{ cursor: sent }])
    batch.cursors[0] = cursor
    return batch
  }
  expect(source.next(answer('0', '7'), 20)).toMatchObject([{ cursor: '7', count: 20 }])
  expect(() => source.next(answer('7', '7'), 20)).toThrow('SCAN does not get beyond the cursor 7')
  expect(source.next(answer('7', '0'), 20)).toBeUndefined()
  source.delivered(answer('0', '7'))
  expect(source).toMatchObject({ cursor: '7', done: false })
  expect(source.next(undefined, 5)).toMatchObject([{ cursor: '7' }])
  source.delivered(answer('7', '0'))
  expect(source.done).toBe(true)
})

describe('how many keys are listed at once', () => {
  const listed = (keys: number, nameBytes: number, tooLong = 0) => Object.assign(new Batch(), { count: keys, nameBytes, tooLong })

  test('grows from a few to as many as anybody asks for while names are short', () => {
    const limit = new CountLimit()
    const counts = Array.from({ length: 5 }, () => {
      const { count } = limit
      limit.learn(listed(count, count * 20))
      return count
    })
    expect(counts).toEqual([16, 64, 256, 1024, 4096])
  })

  test('falls at once when names are long, and rises slowly afterwards', () => {
    const limit = new CountLimit()
    for (let i = 0; i < 6; i++) limit.learn(listed(500, 500 * 20))
    limit.learn(listed(500, 500 * 65_536))
    expect(limit.count).toBe(8)
    limit.learn(listed(8, 8 * 20))
    expect(limit.count).toBeLessThan(10)
    limit.learn(listed(0, 512 * 1024 ** 2, 1))
    expect(limit.count).toBe(1)
  })
})

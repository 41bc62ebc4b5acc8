import { Delivery } from '#redline/audit/scan/delivery.js'
import { Batch, type ScanRequest } from '#redline/audit/scan/batch.js'
import { planBlocks } from '#redline/audit/scan/sample-plan.js'
import { SampleSource } from '#redline/audit/scan/sample-source.js'
import { Words } from '#redline/audit/scan/words.js'
import type { KeySink, Stratum } from '#redline/audit/key-record.js'
import { Rng } from '#redline/core/rng.js'

/** What a server would tell of a key. */
export interface TableKey {
  name: string
  type: string
  bytes: number
  /** -1 when it never expires. */
  ttlMs: number
}

/**
 * A server's table of keys with a seed to hash by, which servers draw by chance when they start: with it a scan and a sample are the
 * same every time. SCAN as dict.c has it: buckets in the order of their reversed bits, whole ones, until there are enough keys.
 */
export class HashTable {
  readonly #buckets: number[][]
  readonly keys: readonly TableKey[]

  constructor(keys: readonly TableKey[], hashSeed: number) {
    this.keys = keys
    const size = 2 ** Math.ceil(Math.log2(keys.length))
    this.#buckets = Array.from({ length: size }, () => [])
    const order = new Rng(hashSeed)
    // Which bucket a hash leads to has nothing to do with the key.
    for (let key = 0; key < keys.length; key++) this.#buckets[order.below(size)]!.push(key)
  }

  /** The keys that SCAN lists from a cursor on, by their index, and the cursor where it ends. */
  scan(cursor: string, count: number): { listed: number[]; cursor: string } {
    const size = this.#buckets.length
    const bits = Math.log2(size)
    const listed: number[] = []
    let rank = reversed(Number(BigInt(cursor) % BigInt(size)), bits)
    for (let visits = 0; visits < count * 10 && listed.length < count && rank < size; visits++) {
      listed.push(...this.#buckets[reversed(rank++, bits)]!)
    }
    return { listed, cursor: rank === size ? '0' : String(reversed(rank, bits)) }
  }

  /** Draws a sample as an audit does, from the plan to what the sink is told. */
  sample(sink: KeySink, quota: number, seed: number): { strata: Stratum[]; keysSeen: number } {
    const rng = new Rng(seed).fork('sample 0 0')
    const plan = planBlocks([{ slot: undefined, keys: this.keys.length }], quota, rng)
    const source = new SampleSource(plan, 0, rng)
    const words = new Words()
    const counts = { keysSeen: 0, vanished: 0, repeated: 0, denied: 0, elsewhere: 0, longNames: 0 }
    const delivery = new Delivery(sink, words, counts, 0)
    delivery.begin(0)
    let listed: Batch | undefined
    for (let scans = source.next(undefined, 500); scans; scans = source.next(listed, 500)) {
      if (listed) this.#deliver(listed, delivery, words)
      listed = this.#answer(scans)
    }
    if (listed) this.#deliver(listed, delivery, words)
    return { strata: plan.strata.map((keys) => ({ shard: 0, db: 0, keys, whole: false })), keysSeen: counts.keysSeen }
  }

  /** A batch that lists, in place of a name, the number of its key. */
  #answer(scans: readonly ScanRequest[]): Batch {
    const batch = new Batch()
    batch.begin(scans)
    for (const scan of scans) {
      const { listed, cursor } = this.scan(scan.cursor, scan.count)
      for (const key of listed) batch.list(key, key)
      batch.ends.push(batch.count)
      batch.cursors.push(cursor)
    }
    return batch
  }

  #deliver(batch: Batch, delivery: Delivery, words: Words): void {
    const names: Buffer[] = []
    let at = 0
    for (let i = 0; i < batch.count; i++) {
      const { name, type, bytes, ttlMs } = this.keys[batch.nameFrom[i]!]!
      names.push(Buffer.from(name))
      batch.nameFrom[i] = at
      batch.nameUntil[i] = at += names.at(-1)!.length
      batch.types[i] = words.idOfText(type)
      batch.bytes[i] = bytes
      batch.ttlMs[i] = ttlMs
    }
    batch.raw = Buffer.concat(names)
    delivery.take(batch)
  }
}

function reversed(number: number, bits: number): number {
  let result = 0
  for (let bit = 0; bit < bits; bit++) result = result * 2 + ((number >> bit) & 1)
  return result
}

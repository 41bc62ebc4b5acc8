import { systemClock } from '../../core/clock.js'
import type { KeyRecord, KeySink } from '../key-record.js'
import { type Batch, DENIED, ELSEWHERE, HERE, VANISHED } from './batch.js'
import { FREQUENCY } from './key-facts.js'
import { RecentKeys, type SavedKeys } from './recent-keys.js'
import type { KeyCounts } from './report.js'
import type { Words } from './words.js'

/** Blocks whose keys a block that goes on at the beginning could meet again. */
const REMEMBERED_BLOCKS = 2

/** Hands the keys of batches to a sink, each once, and counts what became of them. */
export class Delivery {
  readonly #sink: KeySink
  readonly #words: Words
  readonly #counts: KeyCounts
  readonly #recent = new RecentKeys()
  readonly #record: KeyRecord
  readonly #begunAt = systemClock.now()
  /** Names of the first blocks of a sample. */
  readonly #first = new Set<string>()

  constructor(sink: KeySink, words: Words, counts: KeyCounts, shard: number) {
    this.#sink = sink
    this.#words = words
    this.#counts = counts
    this.#record = {
      name: Buffer.alloc(0),
      ...{ shard, db: 0, type: '', encoding: '', bytes: 0, ttlMs: -1, afterMs: 0 },
      ...{ idleSeconds: undefined, frequency: undefined, elements: undefined },
    }
  }

  /** What comes now is of another database, where the same names are other keys. */
  begin(db: number): void {
    this.#record.db = db
    this.#recent.clear()
    this.#first.clear()
  }

  /** The keys that came last, which SCAN may list once more. */
  get recent(): SavedKeys {
    return this.#recent.save()
  }

  /** What comes now goes on where another process ended. */
  resume(recent: SavedKeys): void {
    this.#recent.restore(recent)
  }

  take(batch: Batch): void {
    this.#record.afterMs = systemClock.now() - this.#begunAt
    let from = 0
    for (const [index, { part, block, stratum }] of batch.scans.entries()) {
      const until = batch.ends[index]!
      const memorable = part === 'rest' || (part === 'block' && block >= 0 && block < REMEMBERED_BLOCKS)
      const delivered = memorable ? this.#takeMemorable(batch, from, until, block) : this.#takeRange(batch, from, until)
      from = until
      if (part === 'block' || part === 'rest') this.#sink.endBlock(stratum, delivered)
    }
    this.#counts.longNames += batch.tooLong
  }

  /** Keys at the beginning of the table, where the first blocks of a sample and the end of the last one may meet. */
  #takeMemorable(batch: Batch, from: number, until: number, block: number): number {
    let delivered = 0
    for (let key = from; key < until; key++) {
      const name = batch.nameOf(key).toString('latin1')
      if (this.#first.has(name)) this.#counts.repeated++
      else delivered += this.#takeRange(batch, key, key + 1)
      if (block < REMEMBERED_BLOCKS) this.#first.add(name)
    }
    return delivered
  }

  /** Delivers keys of a batch; returns how many. */
  #takeRange(batch: Batch, from: number, until: number): number {
    const record = this.#record
    const counts = this.#counts
    const { raw, nameFrom, nameUntil, status, types, encodings, ttlMs, bytes, idle, elements } = batch
    const isFrequency = batch.asked.includes(FREQUENCY)
    let delivered = 0
    for (let key = from; key < until; key++) {
      if (this.#recent.isRepeated(raw, nameFrom[key]!, nameUntil[key]!)) {
        counts.repeated++
        continue
      }
      if (status[key] !== HERE) {
        this.#countMissing(status[key]!)
        continue
      }
      const used = idle[key]! < 0 ? undefined : idle[key]
      record.name = raw.subarray(nameFrom[key], nameUntil[key])
      record.type = this.#words.textOf(types[key]!)
      record.encoding = this.#words.textOf(encodings[key]!)
      record.bytes = bytes[key]!
      record.ttlMs = ttlMs[key]!
      record.idleSeconds = isFrequency ? undefined : used
      record.frequency = isFrequency ? used : undefined
      record.elements = elements[key]! < 0 ? undefined : elements[key]
      this.#sink.add(record)
      delivered++
    }
    counts.keysSeen += delivered
    return delivered
  }

  #countMissing(status: number): void {
    if (status === VANISHED) this.#counts.vanished++
    if (status === DENIED) this.#counts.denied++
    if (status === ELSEWHERE) this.#counts.elsewhere++
  }
}

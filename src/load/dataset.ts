import { RedlineError } from '../core/errors.js'
import type { ProgressEvent } from '../core/events.js'
import { Rng } from '../core/rng.js'
import { parseTemplate } from '../core/template.js'
import { safeText } from '../core/text.js'
import { parseDuration } from '../core/units.js'
import { DATA_TYPES, type DatasetEntry, type DataType } from '../schema/scenario.js'
import type { Client } from '../wire/client.js'
import { ReplyError } from '../wire/decoder.js'
import { wordsOf } from '../wire/failure.js'
import { bindPart, type DrawContext, drawPiece } from './generators/pieces.js'

/** Elements of one key that one command carries: more would block the server for everybody else. */
const ELEMENTS_PER_COMMAND = 200

/** Commands that are on their way at once. */
const COMMANDS_PER_WRITE = 500

export interface DatasetOptions {
  prefix: string
  seed: number
  onProgress: (event: ProgressEvent) => void
  signal: AbortSignal
}

/** Writes a dataset: the same seed always writes the same bytes. Throws RedlineError when the server refuses any of it. */
export async function loadDataset(client: Client, entries: readonly DatasetEntry[], options: DatasetOptions): Promise<void> {
  const of = entries.reduce((sum, entry) => sum + entry.count, 0)
  let done = 0
  for (const [index, entry] of entries.entries()) {
    const rng = new Rng(options.seed).fork(`dataset ${index}`)
    let batch: Buffer[][] = []
    let underWay: Promise<void> = Promise.resolve()
    const flush = async () => {
      const sent = batch
      batch = []
      // One batch is put together while the server works on the one before it.
      await underWay
      underWay = sendBatch(client, entry, sent)
    }
    for (const { commands, keys } of datasetCommands(entry, options.prefix, rng)) {
      options.signal.throwIfAborted()
      batch.push(...commands)
      done += keys
      if (batch.length < COMMANDS_PER_WRITE) continue
      await flush()
      options.onProgress({ kind: 'dataset', done, of })
    }
    await flush()
    await underWay
  }
}

async function sendBatch(client: Client, entry: DatasetEntry, commands: Buffer[][]): Promise<void> {
  const replies = await client.callAll(commands)
  const refused = replies.find((reply) => reply instanceof ReplyError)
  if (!refused) return
  throw new RedlineError(`the server refused the dataset ${safeText(entry.key)}: ${safeText(wordsOf(refused))}`, {
    hint:
      refused.code === 'OOM'
        ? 'give the server more memory, or use a smaller dataset'
        : 'check the user and the type of the keys that are there already',
  })
}

/** Bytes that a dataset will take in the server, roughly: its own bytes, and what a key and an element cost beside them. */
export function estimateDatasetBytes(entries: readonly DatasetEntry[], prefix: string): number {
  const KEY_OVERHEAD = 90
  const ELEMENT_OVERHEAD = 40
  let sum = 0
  for (const entry of entries) {
    const [first] = datasetCommands({ ...entry, size: 1 }, prefix, new Rng(0))
    const payload = first!.commands.flat().reduce((bytes, arg) => bytes + arg.length, 0)
    sum += entry.count * (KEY_OVERHEAD + (entry.size ?? 1) * (payload + ELEMENT_OVERHEAD))
  }
  return sum
}

/** The type of the keys that an entry writes. */
function typeOf(entry: DatasetEntry): DataType {
  return DATA_TYPES.find((type) => entry[type] !== undefined)!
}

/** The commands that write an entry, a step at a time, and how many keys each step completes. */
export function* datasetCommands(entry: DatasetEntry, prefix: string, rng: Rng): Generator<{ commands: Buffer[][]; keys: number }> {
  const counters = { i: 0, j: 0 }
  const context: DrawContext = { rng, keys: entry.count, members: entry.size ?? 1, lane: 0, lanes: 1, epoch: 0, counters }
  const template = (text: string | number | boolean): (() => Buffer) => {
    const pieces = parseTemplate(String(text), 'dataset').map((part) => bindPart(part, context))
    return () => Buffer.concat(pieces.map(drawPiece))
  }
  const key = template(prefix + entry.key)
  const element = elementWriter(entry, template)
  const name = Buffer.from(COMMAND[typeOf(entry)])
  const expiry = entry.ttl === undefined ? undefined : String(Math.round(parseDuration(entry.ttl)))
  const size = entry.size ?? 1
  const perCommand = typeOf(entry) === 'stream' ? 1 : ELEMENTS_PER_COMMAND

  for (counters.i = 0; counters.i < entry.count; counters.i++) {
    const keyBytes = key()
    const commands: Buffer[][] = []
    for (let from = 0; from < size; from += perCommand) {
      const command = [name, keyBytes]
      for (counters.j = from; counters.j < Math.min(size, from + perCommand); counters.j++) command.push(...element())
      commands.push(command)
      if (commands.length >= COMMANDS_PER_WRITE) yield { commands: commands.splice(0), keys: 0 }
    }
    if (expiry !== undefined) commands.push([Buffer.from('PEXPIRE'), keyBytes, Buffer.from(expiry)])
    yield { commands, keys: 1 }
  }
}

const COMMAND: Record<DataType, string> = { string: 'SET', hash: 'HSET', list: 'RPUSH', set: 'SADD', zset: 'ZADD', stream: 'XADD' }

/** What one element adds to the command. */
function elementWriter(entry: DatasetEntry, template: (text: string | number | boolean) => () => Buffer): () => Buffer[] {
  const pairs = (record: Record<string, string | number | boolean>, swapped: boolean) => {
    const drawn = Object.entries(record).map(([name, value]) => [template(name), template(value)] as const)
    return () => drawn.flatMap(([name, value]) => (swapped ? [value(), name()] : [name(), value()]))
  }
  const one = (text: string) => {
    const draw = template(text)
    return () => [draw()]
  }
  if (entry.hash) return pairs(entry.hash, false)
  // ZADD takes the score before the member.
  if (entry.zset) return pairs(entry.zset, true)
  if (entry.stream) {
    const fields = pairs(entry.stream, false)
    return () => [Buffer.from('*'), ...fields()]
  }
  return one(entry.string ?? entry.list ?? entry.set ?? '')
}

import { z } from 'zod'
import { InputError } from '../core/errors.js'
import { quote } from '../core/text.js'

const count = z.int().min(0)
const keyCounts = z.strictObject({ keysSeen: count, vanished: count, repeated: count, denied: count, elsewhere: count, longNames: count })
const databaseState = z.strictObject({ db: count, cursor: z.string().regex(/^\d{1,20}$/), done: z.boolean() })
const word = z.int32()
const savedKeys = z.strictObject({ seed: z.tuple([word, word]), fingerprints: z.base64() })
const shardState = z.strictObject({
  shard: count,
  address: z.string(),
  runId: z.string(),
  counts: keyCounts,
  recent: savedKeys,
  databases: z.array(databaseState),
})

const checkpointSchema = z.strictObject({
  schema: z.literal('redline/checkpoint@1'),
  target: z.string().describe('the address that was audited'),
  redact: z.string().nullable().describe('the salt of hashed names'),
  scan: z.strictObject({ shards: z.array(shardState) }).describe('cursors, by shard and database'),
  inventory: z.unknown().describe('what had been counted'),
})

/** Where an audit that ended early stopped, and what it had counted: kept beside its result, for --resume. */
export type Checkpoint = z.infer<typeof checkpointSchema>

/** Reads a checkpoint's file; `name` is the file as the user knows it. Throws InputError. */
export function parseCheckpoint(text: string, name: string): Checkpoint {
  try {
    return checkpointSchema.parse(JSON.parse(text))
  } catch (error) {
    throw new InputError(`${quote(name)} is not what an audit left to go on from`, {
      hint: 'name the folder of an audit that ended early, as it was saved; or audit again without --resume',
      cause: error,
    })
  }
}

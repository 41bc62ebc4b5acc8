import type { Rng } from '../../core/rng.js'

/*
 * Where a sample is drawn.
 *
 * SCAN walks the hash table in the order of the reversed bits of its bucket numbers, and its cursor is the next bucket, whatever the size
 * of the table: a cursor whose reversed bits are the fraction x of the way leads to x of the way through any table. Keys stand in the
 * table in the order of their hash, which has nothing to do with what they are.
 *
 * A block is a start that is drawn by chance, and the keys from there on until there are enough. Whether a key is in it depends on the
 * start and on how many keys stand in the buckets before it, never on the key itself. Starts are spread over the table: one in each of as
 * many equal intervals, anywhere in it but for the room that keeps blocks apart, and one random offset moves all of them. So a key has
 * the same chance whatever it is: over all seeds with which a server may have started to hash. For one seed, keys behind a crowd have a
 * little less than others, as chance has it. With the offset alone, a table would have few different samples (as many as blocks fit into
 * an interval), and all that are a few keys apart would be wrong together.
 *
 * Three things need care.
 *
 * While a table is rehashed, one step of SCAN visits a bucket of the smaller table and all buckets of the larger one that belong to it. A
 * start in the middle of these would miss the first of them, where newer keys may be. So one step is read from each start and its
 * keys are thrown away: the cursor that it returns is a boundary of the smaller table, and how likely a boundary is to be taken depends
 * on what stands before it. RANDOMKEY, for comparison, prefers keys that stand alone in their bucket.
 *
 * SCAN lists whole buckets, and so a few keys more than it is asked for; more in a table with full buckets than in one with
 * empty ones. Of these, as many as the block shall have are drawn by chance, so that all blocks count the same. One that has too few, in a
 * table from which most keys were deleted, goes on.
 *
 * In a cluster, Redis from 7.4 and Valkey from 8.0 on keep a table for each slot, and the low 14 bits of a cursor name the slot. Keys of one
 * slot do resemble each other, by their hash tags. There the tables lie one behind the other as on a line on which each slot is as long
 * as it has keys (CLUSTER COUNTKEYSINSLOT), and starts are spread evenly over that line. The last block, which meets the end of
 * the line, goes on at its beginning, or keys of the first slot would have less of a chance.
 */

/** Keys of a block, so few that blocks tell how much keys vary, so many that throwing away a step costs little. */
const BLOCK_KEYS = 32
/** Blocks without which the spread of a sample could not be estimated. */
const MIN_BLOCKS = 16
/** A database this small is read whole. */
const SMALL_KEYS = 1024
/** At most so many strata of one line. */
const MAX_STRATA = 64
/** Bits of a cursor that lead to a place in a table; no table has more buckets, and 14 bits for a slot fit beside them. */
const CURSOR_BITS = 48

/** A database of a shard, and how much of it is read. */
export interface Share {
  shard: number
  db: number
  keys: number
  /** About how many keys are drawn; `whole` when that would be most of them. */
  quota: number | 'whole'
}

/**
 * Shares a sample out over databases in proportion to their keys, so that every key has the same weight. A database of which more than
 * half would be drawn, and a small one, is read whole: blocks would run into each other.
 */
export function shareOut(databases: readonly Omit<Share, 'quota'>[], sample: number): Share[] {
  const all = databases.reduce((sum, { keys }) => sum + keys, 0)
  return databases.map((database) => {
    const quota = Math.max(MIN_BLOCKS * MIN_BLOCKS, (sample * database.keys) / Math.max(1, all))
    return { ...database, quota: database.keys <= SMALL_KEYS || quota > database.keys / 2 ? 'whole' : quota }
  })
}

/** A part of the line on which starts are spread: the table of one slot, or of a whole database. */
export interface Segment {
  slot: number | undefined
  keys: number
}

/** The blocks of a sample of one database. */
export interface BlockPlan {
  blocks: number
  /** COUNT of each. */
  blockKeys: number
  /** The cursor from which to look for the beginning of a block. */
  cursorOf: (block: number) => string
  /** Which stratum a block belongs to, from 0. */
  stratumOf: (block: number) => number
  /** Keys of each stratum. */
  strata: readonly number[]
}

/**
 * Spreads blocks over a line of segments, none of which is empty. Where it has several, pieces of equal length are the strata: so many
 * that each has enough blocks for their spread to be told.
 */
export function planBlocks(segments: readonly Segment[], quota: number, rng: Rng): BlockPlan {
  const starts = startsOf(segments)
  const keys = segments.reduce((sum, segment) => sum + segment.keys, 0)
  const blockKeys = Math.min(BLOCK_KEYS, Math.max(1, Math.floor(quota / MIN_BLOCKS)))
  const blocks = Math.max(1, Math.round(quota / blockKeys))
  const places = placesOf(blocks, blockKeys, keys, rng)
  const strataCount = segments.length > 1 ? Math.max(1, Math.min(MAX_STRATA, Math.floor(blocks / MIN_BLOCKS))) : 1
  const stratumOf = (block: number) => Math.min(strataCount - 1, Math.floor((places[block]! * strataCount) / keys))
  return {
    blocks,
    blockKeys,
    stratumOf,
    strata: Array.from(
      { length: strataCount },
      (_, i) => Math.round(((i + 1) * keys) / strataCount) - Math.round((i * keys) / strataCount),
    ),
    cursorOf(block) {
      const place = places[block]!
      const index = segmentAt(starts, place)
      const { slot, keys: length } = segments[index]!
      return cursorAt((place - starts[index]!) / length, slot)
    },
  }
}

/**
 * Where blocks start on a line of so many keys, in order: one in each interval, of which it may begin in all but the last two lengths of
 * a block, so that it never runs into the next one. What the offset moves beyond the end comes in at the beginning.
 */
function placesOf(blocks: number, blockKeys: number, keys: number, rng: Rng): Float64Array {
  const interval = keys / blocks
  const room = Math.max(0, 1 - (2 * blockKeys) / interval)
  const offset = rng.float()
  return Float64Array.from({ length: blocks }, (_, block) => ((block + offset + room * rng.float()) % blocks) * interval).toSorted()
}

/** Where each segment begins. */
function startsOf(segments: readonly Segment[]): Float64Array {
  const starts = new Float64Array(segments.length)
  for (let i = 1; i < starts.length; i++) starts[i] = starts[i - 1]! + segments[i - 1]!.keys
  return starts
}

/** The last segment that begins at or before a place. */
function segmentAt(starts: Float64Array, place: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (starts[middle]! <= place) low = middle
    else high = middle - 1
  }
  return low
}

/** The cursor that leads a fraction of the way, from 0 to 1, through a table; through the table of a slot where there is one for each. */
export function cursorAt(fraction: number, slot: number | undefined): string {
  const rank = BigInt(Math.floor(Math.min(Math.max(fraction, 0), 1 - 2 ** -CURSOR_BITS) * 2 ** CURSOR_BITS))
  const bits = Array.from(rank.toString(2).padStart(CURSOR_BITS, '0')).toReversed()
  const bucket = BigInt(`0b${bits.join('')}`)
  return String(slot === undefined ? bucket : (bucket << 14n) | BigInt(slot))
}

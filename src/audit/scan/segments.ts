import type { Rng } from '../../core/rng.js'
import { safeText } from '../../core/text.js'
import { type Address, displayAddress } from '../../wire/address.js'
import { asArray, asNumber, asText } from '../../wire/client.js'
import { type Reply, ReplyError } from '../../wire/decoder.js'
import { wordsOf } from '../../wire/failure.js'
import type { Converse } from './converse.js'
import { ScanFailure, StoppedByPace } from './failure.js'
import type { Pace } from './pace.js'
import type { Segment } from './sample-plan.js'
import { SLOTS, slotOf } from './slot.js'

const PROBES = 12

export interface SegmentOptions {
  cluster: boolean
  /** DBSIZE of the database. */
  keys: number
  address: Address
  pace: Pace
  rng: Rng
}

/**
 * The tables that a database consists of: one, or in a cluster, on engines that keep one for each slot, that of each slot that has keys.
 * Throws ScanFailure when the keys of slots may not be counted, StoppedByPace.
 */
export async function readSegments(converse: Converse, { cluster, keys, address, pace, rng }: SegmentOptions): Promise<Segment[]> {
  const one = [{ slot: undefined, keys }]
  if (!cluster || !(await hasTablePerSlot(converse, rng))) return one
  const segments: Segment[] = []
  for (let from = 0; from < SLOTS; from += pace.batch) {
    await turnOf(pace)
    const slots = Array.from({ length: Math.min(pace.batch, SLOTS - from) }, (_, i) => from + i)
    const startedAt = performance.now()
    const replies = await converse(slots.map((slot) => ['CLUSTER', 'COUNTKEYSINSLOT', slot]))
    pace.done(0, slots.length, performance.now() - startedAt)
    for (const [i, slot] of slots.entries()) {
      const reply = replies[i]
      if (reply instanceof ReplyError) throw uncounted(address, reply)
      const count = asNumber(reply)
      if (count > 0) segments.push({ slot, keys: count })
    }
  }
  return segments.length === 0 ? one : segments
}

async function turnOf(pace: Pace): Promise<void> {
  try {
    await pace.turn()
  } catch (reason) {
    throw new StoppedByPace(reason)
  }
}

/**
 * Whether the low 14 bits of a cursor name a slot. A SCAN from the cursor `slot` then lists keys of that slot or of later ones;
 * from a single table it lists keys of any slot. The chance to be deceived is small: twelve cursors drawn at random, and the highest.
 */
async function hasTablePerSlot(converse: Converse, rng: Rng): Promise<boolean> {
  const cursors = [...Array.from({ length: PROBES }, () => rng.below(SLOTS)), SLOTS - 1]
  const replies = await converse(cursors.map((cursor) => ['SCAN', cursor, 'COUNT', 1]))
  return cursors.every((cursor, i) => isFrom(cursor, replies[i]))
}

function isFrom(slot: number, reply: Reply | undefined): boolean {
  if (reply instanceof ReplyError) return false
  const [next, names] = asArray(reply)
  const low = Number(BigInt(asText(next)) & BigInt(SLOTS - 1))
  const isLater = asText(next) === '0' || low >= slot
  return isLater && asArray(names).every((name) => Buffer.isBuffer(name) && slotOf(name) >= slot)
}

function uncounted(address: Address, reply: ReplyError): ScanFailure {
  return new ScanFailure(
    `${displayAddress(address)} does not let us count the keys of slots, by which a sample is drawn: ${safeText(wordsOf(reply))}`,
    {
      hint: 'allow the user cluster|countkeysinslot in its ACL, or scan everything',
    },
  )
}

import type { PatternFacts } from '../facts.js'
import { shareOf } from './estimates.js'
import { byteCount, keyCount, percent } from './wording.js'

/** Whether at least one key of a pattern surely has no TTL: the sample has seen one, however wide the interval around their number. */
export function hasPersistent({ persistent, persistentExamples }: Pick<PatternFacts, 'persistent' | 'persistentExamples'>): boolean {
  return persistent.keys.low > 0 || persistentExamples.length > 0
}

/** `38% of 500k keys never expire (31 MB)` */
export function neverExpire({ keys, persistent }: Pick<PatternFacts, 'keys' | 'persistent'>): string {
  const size = byteCount(persistent.bytes)
  if (keys.value === 1) return `1 key, which never expires (${size})`
  if (persistent.keys.value >= keys.value) return `${keyCount(keys)}, none of which expires (${size})`
  return `${percent(shareOf(persistent.keys.value, keys.value))} of ${keyCount(keys)} never expire (${size})`
}

/** The numbers behind it. */
export function persistentEvidence({ keys, persistent }: Pick<PatternFacts, 'keys' | 'persistent'>) {
  return {
    keys: keys.value,
    persistentKeys: persistent.keys.value,
    persistentShare: shareOf(persistent.keys.value, keys.value),
    persistentBytes: persistent.bytes.value,
  }
}

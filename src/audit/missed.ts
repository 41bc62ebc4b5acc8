import { formatBytes } from '../core/units.js'
import type { KeyspaceFacts } from './facts.js'

/**
 * How far used_memory_dataset and the sum of MEMORY USAGE may part by themselves, in bytes for each key: measured on small keys, the
 * data take 22 less on Redis 6.0 to 8.0, 11 less on Valkey 9.1 and 37 more on Valkey 8.1.
 */
const KEY_BYTES = 40
/** Below this it is noise. */
const FLOOR_BYTES = 1024 * 1024

/**
 * A sample sees the largest keys rarely, and nothing in it tells of those that it missed: what they take is missing in its estimate of
 * all bytes, and in its interval. The server knows better: `datasetBytes`, what its data take in all, bounds the estimate from above.
 */
export function withMissed(facts: KeyspaceFacts, datasetBytes: number | undefined): { facts: KeyspaceFacts; note: string | undefined } {
  const { bytes, keys, mode } = facts
  const beyond = (datasetBytes ?? 0) - bytes.high
  if (mode !== 'sample' || datasetBytes === undefined || beyond < Math.max(FLOOR_BYTES, 0.1 * bytes.high, KEY_BYTES * keys.value))
    return { facts, note: undefined }
  return {
    facts: { ...facts, bytes: { ...bytes, high: datasetBytes + KEY_BYTES * keys.value } },
    note:
      `the sample accounts for ${formatBytes(bytes.value)} of the ${formatBytes(datasetBytes)} that the data take: ` +
      'large keys are few and easily missed; without --sample all are seen',
  }
}

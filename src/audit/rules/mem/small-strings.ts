import { z } from 'zod'
import { formatBytes } from '../../../core/units.js'
import type { PatternFacts } from '../../facts.js'
import { bytesOption, countOption } from '../../rule-options.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { commandKey } from '../commands.js'
import { inferred } from '../estimates.js'
import { keyCount } from '../wording.js'
import { savingsOf } from './savings.js'

const options = z.strictObject({
  keys: countOption(10_000, 'small strings without a TTL in a pattern from which it is reported'),
  size: bytesOption('200', 'bytes (MEMORY USAGE) below which a string is small'),
})

/** What a key costs beside its value is more than a small value: as fields of compact hashes, many share that cost. */
export const rule = defineRule({
  id: 'mem/small-strings',
  severity: 'note',
  summary: 'Many small strings that a hash for each bucket of ids would hold in less memory',
  needs: ['keyspace', 'server'],
  options,
  check: ({ keyspace, server }, limits) =>
    keyspace.patterns.flatMap((pattern) => judge(pattern, savingsOf(server.engine).bucketedString, limits)),
})

function judge(pattern: PatternFacts, savedEach: number, { keys, size }: z.infer<typeof options>): FindingDraft[] {
  const sizes = pattern.sizes.get('string')
  // A TTL is the key's: fields can't have their own before Redis 7.4 and Valkey 9. What a contract or a library lays down stays.
  if (!sizes || pattern.variables !== 1 || pattern.other || pattern.product !== undefined || pattern.contract?.type !== undefined) return []
  const large = sizes.from(size)
  const small = Math.min(sizes.keys - large.keys, pattern.persistent.keys.value)
  if (inferred(small, pattern).low < keys || pattern.persistent.keys.low < keys) return []
  const mean = (sizes.bytes - large.bytes) / Math.max(1, sizes.keys - large.keys)
  const each = Math.min(savedEach, mean) - fieldBytes(pattern)
  const saved = small * each
  if (each <= 0) return []
  const numbered = isNumbered(pattern)
  return [
    {
      about: pattern.pattern,
      message: `${keyCount(inferred(small, pattern))} of ${formatBytes(mean)} on average, told apart by one id: in hashes of 100 fields they would take about ${formatBytes(saved)} less`,
      evidence: { smallKeys: small, meanBytes: mean, savedBytes: Math.round(saved), savedBytesEach: each },
      remedy: numbered ? BY_DIGITS : BY_HASH,
      commands: [
        numbered
          ? `HSET ${commandKey(bucketed(pattern, '<id/100>'))} <id%100> <value>`
          : `HSET ${commandKey(bucketed(pattern, `<crc32%${Math.round(small / 100)}>`))} <id> <value>`,
      ],
      examples: pattern.examples,
    },
  ]
}

const BY_DIGITS =
  'Keep 100 of them in one hash: the id without its last two digits names the hash, the last two digits name the field. Fields share one TTL.'
const BY_HASH =
  'Keep about 100 of them in one hash: the CRC32 of the id, modulo a hundredth of their number, names the hash, and the id names the field. Fields share one TTL.'

const ID = /<[a-z*]+>/

function isNumbered({ pattern }: PatternFacts): boolean {
  return ID.exec(pattern)?.[0] === '<int>'
}

/** What a field's name takes beyond the two digits that were measured: ids that are no numbers stand in it whole. */
function fieldBytes(pattern: PatternFacts): number {
  const idBytes = pattern.nameBytes / Math.max(1, pattern.keys.value) - pattern.pattern.replace(ID, '').length
  return isNumbered(pattern) ? 0 : Math.max(0, idBytes - 2)
}

/** `user:<id/100>` for `user:<int>` */
function bucketed({ pattern }: PatternFacts, bucket: string): string {
  return pattern.replace(ID, bucket)
}

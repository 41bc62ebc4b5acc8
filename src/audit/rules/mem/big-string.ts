import { z } from 'zod'
import { formatBytes } from '../../../core/units.js'
import type { DistributionFacts, KeyspaceFacts, PatternFacts } from '../../facts.js'
import { bytesOption } from '../../rule-options.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { shellWord } from '../commands.js'
import { inferred } from '../estimates.js'
import { byteCount, keyCount } from '../wording.js'
import { namedKeys } from './big-keys.js'

const options = z.strictObject({
  warn: bytesOption('100KB', 'bytes (MEMORY USAGE) from which a string is big'),
  error: bytesOption('5MB', 'bytes from which it is an error'),
})

/** While the server reads or writes a big value, everybody waits; so does the network. A contract's max_bytes takes the place of both limits. */
export const rule = defineRule({
  id: 'mem/big-string',
  severity: 'warning',
  summary: 'Strings so big that everybody waits while one is read or written',
  needs: ['keyspace'],
  options,
  check: ({ keyspace }, limits) => keyspace.patterns.flatMap((pattern) => judge(keyspace, pattern, limits)),
})

function judge(keyspace: KeyspaceFacts, pattern: PatternFacts, limits: z.infer<typeof options>): FindingDraft[] {
  const sizes = pattern.sizes.get('string')
  const declared = pattern.contract?.max_bytes
  if (!sizes || sizes.max < (declared === undefined ? limits.warn : declared + 1)) return []
  const bound = declared ?? limits.warn
  const isError = declared !== undefined || sizes.max >= limits.error
  return [finding(keyspace, pattern, { sizes, bound, declared: declared !== undefined, isError })]
}

interface Excess {
  sizes: DistributionFacts
  bound: number
  declared: boolean
  isError: boolean
}

function finding(keyspace: KeyspaceFacts, pattern: PatternFacts, { sizes, bound, declared, isError }: Excess): FindingDraft {
  const big = sizes.from(bound)
  const keys = Math.max(1, big.keys)
  const count = keyCount(inferred(keys, pattern)).replace(/key(s?)$/, 'string$1')
  const limit = declared ? `above the contract's ${formatBytes(bound)}` : `of ${formatBytes(bound)} or more`
  const examples = namedKeys(keyspace, pattern, (key) => key.type === 'string' && key.bytes >= bound).map(({ key }) => key)
  return {
    about: pattern.pattern,
    severity: isError ? 'error' : 'warning',
    message:
      keys === 1
        ? `1 string of ${formatBytes(sizes.max)}${declared ? `, ${limit}` : ''}`
        : `${count} ${limit}, the largest ${formatBytes(sizes.max)} (${byteCount(inferred(big.bytes, pattern))} together)`,
    evidence: {
      keys: pattern.keys.value,
      bigKeys: keys,
      bigBytes: big.bytes,
      largestBytes: sizes.max,
      limitBytes: bound,
      contract: declared,
    },
    remedy:
      'Split the value, compress it, or keep it in an object store; read parts with GETRANGE, and delete it with UNLINK rather than DEL.',
    commands: examples.slice(0, 1).map((key) => `redis-cli STRLEN ${shellWord(key)}`),
    examples,
  }
}

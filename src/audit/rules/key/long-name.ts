import { z } from 'zod'
import { formatBytes } from '../../../core/units.js'
import { bytesOption, shareOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { inferred, shareOf } from '../estimates.js'
import { byteCount, percent } from '../wording.js'

/** Every key carries its whole name: where values are small, the names are what fills memory. */
export const rule = defineRule({
  id: 'key/long-name',
  severity: 'note',
  summary: "Names of keys take a large part of a pattern's memory",
  needs: ['keyspace'],
  options: z.strictObject({
    share: shareOption(0.25, "share of a pattern's bytes that names take from which it is reported"),
    floor: bytesOption('10MB', 'bytes of names in a pattern from which it is reported'),
    length: bytesOption('32', 'average length of a name from which shortening it is worth while'),
  }),
  check: ({ keyspace }, { share, floor, length }) =>
    keyspace.patterns
      .filter((pattern) => {
        const taken = shareOf(pattern.nameBytes, pattern.bytes.value)
        return taken > share && inferred(pattern.nameBytes, pattern).low > floor && meanName(pattern) >= length
      })
      .map((pattern) => ({
        about: pattern.pattern,
        message: `names take ${percent(shareOf(pattern.nameBytes, pattern.bytes.value))} of ${byteCount(pattern.bytes)}, ${formatBytes(meanName(pattern))} a key`,
        evidence: {
          keys: pattern.keys.value,
          nameBytes: pattern.nameBytes,
          bytes: pattern.bytes.value,
          nameShare: shareOf(pattern.nameBytes, pattern.bytes.value),
          meanNameBytes: meanName(pattern),
        },
        remedy:
          'Shorten the part of the name that all keys share, write ids in their short form (a UUID is 16 bytes, 36 as text), or keep the entries as fields of fewer hashes.',
        examples: pattern.examples,
      })),
})

function meanName({ nameBytes, keys }: { nameBytes: number; keys: { value: number } }): number {
  return keys.value > 0 ? nameBytes / keys.value : 0
}

import { z } from 'zod'
import { bytesOption, shareOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { shellWord } from '../commands.js'
import { leastShare, shareOf } from '../estimates.js'
import { byteCount, keyCount, percent } from '../wording.js'

/** Not a fault: where to look first, because whatever is saved here counts most. */
export const rule = defineRule({
  id: 'key/dominant-pattern',
  severity: 'note',
  summary: 'One pattern takes most of the memory: look there first',
  needs: ['keyspace'],
  options: z.strictObject({
    share: shareOption(0.5, 'share of all bytes from which it is reported'),
    floor: bytesOption('100MB', 'bytes of the pattern from which it is reported'),
  }),
  check: ({ keyspace }, { share, floor }) =>
    keyspace.patterns
      .filter((pattern) => !pattern.other && leastShare(pattern.bytes, keyspace.bytes) > share && pattern.bytes.low > floor)
      .map((pattern) => ({
        about: pattern.pattern,
        message: `takes ${percent(shareOf(pattern.bytes.value, keyspace.bytes.value))} of all bytes: ${byteCount(pattern.bytes)} in ${keyCount(pattern.keys)}`,
        evidence: {
          bytes: pattern.bytes.value,
          bytesShare: shareOf(pattern.bytes.value, keyspace.bytes.value),
          keys: pattern.keys.value,
          meanBytes: pattern.keys.value > 0 ? pattern.bytes.value / pattern.keys.value : 0,
        },
        remedy: 'Begin here when memory runs short: its value sizes, encodings and TTLs decide what this server needs.',
        commands: [`redis-cli MEMORY USAGE ${shellWord(pattern.largest[0]?.key ?? pattern.examples[0] ?? pattern.pattern)}`],
        examples: pattern.largest.length > 0 ? pattern.largest.map(({ key }) => key) : pattern.examples,
      })),
})

import { z } from 'zod'
import { countOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { keyCount } from '../wording.js'

/** Names that tools, logs and shells can't show, split or quote reliably; often a bug where the name is put together. */
export const rule = defineRule({
  id: 'key/bad-name',
  severity: 'warning',
  summary: 'Names with control characters, spaces or invalid UTF-8',
  needs: ['keyspace'],
  options: z.strictObject({ keys: countOption(1, 'such keys in a pattern from which it is reported') }),
  check: ({ keyspace }, { keys }) =>
    keyspace.patterns
      .filter(({ badNames }) => badNames.keys > 0 && badNames.keys >= keys)
      .map(({ pattern, keys: all, badNames }) => ({
        about: pattern,
        message: `${keyCount(badNames.keys)} of ${keyCount(all)} ${badNames.keys === 1 ? 'has' : 'have'} control characters, spaces or invalid UTF-8 in the name`,
        evidence: { keys: all.value, badKeys: badNames.keys },
        remedy:
          'Check what the name is put together from: user input should be encoded or hashed first. Rename what is there under the new scheme.',
        examples: badNames.examples.slice(0, 5),
      })),
})

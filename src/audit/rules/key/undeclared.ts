import { z } from 'zod'
import { countOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { byteCount, keyCount } from '../wording.js'

/** Keys that no contract speaks of: nobody has said who owns them, how long they live and whether they may be lost. */
export const rule = defineRule({
  id: 'key/undeclared',
  severity: 'note',
  summary: 'Keys that match no keyspace contract, where there are contracts',
  needs: ['keyspace'],
  options: z.strictObject({ keys: countOption(1, 'keys of a pattern from which it is reported') }),
  check: ({ keyspace }, { keys }) =>
    keyspace.contracts
      ? keyspace.patterns
          .filter((pattern) => pattern.contract === undefined && pattern.keys.value > 0 && pattern.keys.value >= keys)
          .map((pattern) => ({
            about: pattern.pattern,
            message: `${keyCount(pattern.keys)} (${byteCount(pattern.bytes)}) ${pattern.keys.value === 1 ? 'matches' : 'match'} no contract`,
            evidence: { keys: pattern.keys.value, bytes: pattern.bytes.value },
            remedy:
              'Declare the pattern in redline.config.yaml, with its owner and its TTL; `redline audit --suggest-contracts` writes a first version.',
            examples: pattern.examples,
          }))
      : [],
  blind: ({ keyspace }) => (keyspace.contracts ? undefined : { kind: 'not applicable', why: 'no contract is declared' }),
})

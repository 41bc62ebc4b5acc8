import { z } from 'zod'
import { countOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { commandKey } from '../commands.js'
import { hasPersistent, neverExpire, persistentEvidence } from '../persistent.js'

/** A lock that never expires outlives a holder that crashed: what it guards stays locked until somebody deletes it by hand. */
export const rule = defineRule({
  id: 'lock/no-ttl',
  severity: 'error',
  summary: 'A lock without a time to live stays locked when its holder crashes',
  needs: ['keyspace'],
  options: z.strictObject({ keys: countOption(1, 'locks without a TTL from which it is reported') }),
  check: ({ keyspace }, { keys }) =>
    keyspace.patterns
      .filter((pattern) => pattern.looksLike === 'lock' && pattern.temporary)
      .filter((pattern) => hasPersistent(pattern) && pattern.persistent.keys.value >= keys)
      .map((pattern) => ({
        about: pattern.pattern,
        message: neverExpire(pattern),
        evidence: persistentEvidence(pattern),
        remedy: 'Take the lock and set its TTL in one command, and release it only while it still holds your own token.',
        commands: [`SET ${commandKey(pattern.pattern)} <token> NX PX 30000`],
        examples: pattern.persistentExamples,
      })),
})

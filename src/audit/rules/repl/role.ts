import { z } from 'zod'
import { defineRule } from '../../rule.js'

/** Who expects a replica must not be reading, and loading, the primary. */
export const rule = defineRule({
  id: 'repl/role',
  severity: 'error',
  summary: 'The server does not have the role that was expected of it',
  needs: ['expected', 'server'],
  options: z.strictObject({}),
  check({ expected, server }) {
    if (expected.role === undefined || expected.role === server.role) return []
    return [
      {
        about: 'role',
        message: `is ${server.role}, where ${expected.role} was expected`,
        evidence: { role: server.role, expected: expected.role },
        remedy:
          expected.role === 'replica'
            ? 'Check the address: it may have been promoted by a failover, or the name points to the wrong server.'
            : 'Check the address: a failover may have made another server the primary; ask the sentinels or the cluster for it.',
        commands: ['redis-cli ROLE', 'redis-cli INFO replication'],
      },
    ]
  },
  blind: ({ expected }) =>
    expected.role === undefined ? { kind: 'not applicable', why: 'no role is expected; --expect-role names one' } : undefined,
})
